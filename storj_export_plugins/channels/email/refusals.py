"""What a mail server refused, or why there was no speaking with it, in words for the operator."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPHeloError,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)

from storj_export_plugins.channels.wording import one_line
from storj_monitor.plugin import DeliveryError

if TYPE_CHECKING:
    from storj_export_plugins.channels.email.account import Account

#: 5xx is for good, 4xx for now; anything else was no answer.
_FOR_GOOD = range(500, 600)
_LOGIN_NEEDED = 530
_LOGIN_HINT = "check username and password under [channels.email]"


def explained(error: Exception, account: Account) -> DeliveryError:
    """Say what went wrong before the server had the whole message; it certainly hasn't got it."""
    match error:
        case SMTPAuthenticationError():
            # Not the server's own words, which might repeat what it was told.
            reason = f"{account.place} refused the log-in ({error.code}): {_LOGIN_HINT}"
            return DeliveryError(reason, retryable=error.code not in _FOR_GOOD)
        case SMTPRecipientRefused():
            return refusal(error.code, error.message, "the recipient", account)
        case SMTPSenderRefused():
            return refusal(error.code, error.message, "the sender", account)
        case SMTPHeloError() | SMTPResponseException():
            return refusal(error.code, error.message, "the message", account)
        case SMTPServerDisconnected():
            reason = f"{account.place} broke the connection before it had the message"
            return DeliveryError(reason, retryable=True)
        case TimeoutError():
            reason = f"{account.place} gave no answer within {account.timeout:g} s"
            return DeliveryError(reason, retryable=True)
        case OSError():
            return DeliveryError(_unreachable(error, account), retryable=True)
        case _:
            return DeliveryError(_unsupported(account, str(error)), retryable=False)


def refusal(code: int, said: str, what: str, account: Account) -> DeliveryError:
    """Return the error for an answer of the server: 5xx for good, all else for now."""
    hint = f"; {_LOGIN_HINT}" if code == _LOGIN_NEEDED else ""
    words = one_line(said, 200)
    reason = f"{account.place} refused {what}: {code} {words}".rstrip() + hint
    return DeliveryError(reason, retryable=code not in _FOR_GOOD)


def _unreachable(error: OSError, account: Account) -> str:
    """Say why there is no connection; a certificate may be mended, as everything else here."""
    cause = error.__cause__ or error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return (
            f"the certificate of {account.place} can't be verified ({cause.verify_message}):"
            " ca_file under [channels.email] names the authority, if it is one of your own"
        )
    if isinstance(cause, ssl.SSLError):
        return f"{account.place} speaks no TLS there: check port and security"
    if isinstance(cause, ConnectionRefusedError):
        return f"nothing listens at {account.host}:{account.port}"
    if isinstance(cause, SMTPServerDisconnected):
        return f"{account.place} broke the connection before it had the message"
    return f"{account.place} can't be reached"


def _unsupported(account: Account, said: str) -> str:
    if "STARTTLS" in said:
        return (
            f"{account.place} offers no STARTTLS: set security to tls, usually with port 465"
            " (or to none, for a server on this machine)"
        )
    if "AUTH" in said or "authentication" in said:
        return f"{account.place} offers no log-in here: leave out username, or set security"
    return f"{account.place} can't be spoken with: check host, port and security"
