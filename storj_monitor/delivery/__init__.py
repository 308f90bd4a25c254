"""Sending: from a finished file to a parcel, and from a parcel to its recipient's channel.

    outlet = outlet_of("email", host.catalogue, settings)     # delivery.channels
    packed = fitted(file, outlet.limit(recipient), folder)     # delivery.sizes
    outcome = await sent(outlet, parcel, seconds)              # delivery.sending, in a thread apart

Nothing here knows of schedules, or writes to the database: who sends what, and what becomes of it,
is decided in `storj_monitor.schedules`.
"""
