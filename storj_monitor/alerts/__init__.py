"""Rules over what was collected: an alert is raised once, and resolves by itself.

    with watched(store, settings.alerts):      # storj_monitor.alerts.watching
        ...

Each module of rules has one subject and one function, `verdicts(situation)`. It gives a verdict on
each condition that could be looked at; what can't be looked at gets none, and stays as it is.
"""
