"""Delivers notices as one mail with a list of them, over TLS from the start or after STARTTLS."""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

from pastwatch.errors import UsageError
from pastwatch.model.watch import Severity
from pastwatch.model.when import SECOND_US, iso
from pastwatch.stages.watch.delivery import Answer, Clock, Notice, TargetLine, read_address

_PORTS = {"smtps": 465, "smtp": 587, "smtp+plain": 25}
_FOR_GOOD = 500


class Mail:
    """A mail server: `smtps://[USER@]HOST`, `smtp://` with STARTTLS, `smtp+plain://` on this machine."""

    def __init__(self, line: TargetLine, *, clock: Clock) -> None:
        self._address = read_address(line.address, "smtp", "smtps", "smtp+plain")
        if self._address.scheme == "smtp+plain" and not self._address.is_loopback:
            raise UsageError("a mail server without TLS may stand on this machine alone")
        if bool(self._address.user) != bool(line.secret):
            raise UsageError("a mail server is told a user and a secret, or neither")
        if any(c in one for one in (line.sender, *line.recipients) for c in "\r\n<>, "):
            raise UsageError("the sender and the recipients of a mail are bare addresses")
        self._line, self._clock = line, clock
        self._client: smtplib.SMTP | None = None

    def deliver(self, notices: Sequence[Notice]) -> Iterator[Answer]:
        """Send one mail of all; each notice gets the same answer."""
        delivered, again, reason = False, True, ""
        try:
            refused = self._send(self._mail(notices))
            delivered, reason = True, f"{refused} of its recipients refused" if refused else ""
        except smtplib.SMTPAuthenticationError as wrong:
            reason = f"{wrong.smtp_code}: it does not let this user in"
        except smtplib.SMTPResponseException as wrong:
            reason, again = f"{wrong.smtp_code}: refused", wrong.smtp_code < _FOR_GOOD
        except smtplib.SMTPRecipientsRefused as wrong:
            codes = [code for code, _ in wrong.recipients.values()]
            reason, again = "no recipient is accepted", min(codes, default=0) < _FOR_GOOD
        except smtplib.SMTPNotSupportedError:
            reason, again = "it does not offer TLS or a way to sign in", False
        except ssl.SSLError:
            reason = "its certificate or its TLS is not good"
        except TimeoutError:
            reason = "it does not answer in time"
        except (OSError, smtplib.SMTPException) as wrong:
            reason = f"it cannot be reached: {type(wrong).__name__}"
        for notice in notices:
            yield Answer(notice.alert_id, delivered=delivered, reason=reason, again=again)

    def abort(self) -> None:
        """Close the connection under whoever waits for it."""
        client = self._client
        if client is not None and client.sock is not None:
            with suppress(OSError):
                client.sock.shutdown(2)  # both ways

    def close(self) -> None:
        """Each mail has a connection of its own; none is held."""

    def _send(self, mail: EmailMessage) -> int:
        """Send it; gives how many recipients were refused while others were not."""
        line, address = self._line, self._address
        port = address.port or _PORTS[address.scheme]
        context = ssl.create_default_context(cafile=line.ca)
        if address.scheme == "smtps":
            client: smtplib.SMTP = smtplib.SMTP_SSL(
                address.host, port, timeout=line.timeout_s, context=context
            )
        else:
            client = smtplib.SMTP(address.host, port, timeout=line.timeout_s)
        self._client = client
        try:
            if address.scheme == "smtp":
                client.starttls(context=context)
            if address.user:
                client.login(address.user, line.secret.decode("utf-8", "replace"))
            refused = client.send_message(
                mail, from_addr=line.sender, to_addrs=list(line.recipients)
            )
            with suppress(OSError, smtplib.SMTPException):
                client.quit()  # it was accepted already
        finally:
            client.close()
            self._client = None
        return len(refused)

    def _mail(self, notices: Sequence[Notice]) -> EmailMessage:
        """The mail; its Message-ID is that of these alerts, however often it is sent."""
        named = hashlib.sha256("".join(n.alert_id for n in notices).encode()).hexdigest()[:32]
        worst = [s for s in Severity if any(n.severity is s for n in notices)][-1]
        mail = EmailMessage()
        mail["From"] = self._line.sender
        mail["To"] = ", ".join(self._line.recipients)
        mail["Date"] = format_datetime(datetime.fromtimestamp(self._clock() / SECOND_US, tz=UTC))
        mail["Message-ID"] = f"<{named}@pastwatch.invalid>"
        mail["Auto-Submitted"] = "auto-generated"
        count = len(notices)
        mail["Subject"] = f"Pastwatch: {count} alert{'s' if count > 1 else ''}, {worst} at most"
        mail.set_content(
            "arrived                       severity  watch, which alert of it, and its id\n"
            + "".join(
                f"{iso(n.at_us):28}  {n.severity:8}  {n.watch} v{n.version}  no. {n.count}  {n.alert_id}\n"
                for n in notices
            )
            + "\nWhat matched is read with: pastwatch watch read ALERT\n",
            cte="7bit",
        )
        return mail
