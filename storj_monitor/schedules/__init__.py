"""What is sent by itself: when, about which period, and what is left to do.

    schedule = parse_schedule(body, catalogue, limits)      # schedules.schedule
    for occurrence in schedule.upcoming(now): ...           # each period once, with its span
    plan(schedule, entry, made, now, settings)              # schedules.due: what is to be done now

`when` reads rules and `periods` says what an occurrence covers. Both are pure: the same schedule
and the same moment give the same, whoever asks.
"""
