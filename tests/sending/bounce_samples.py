"""Bounces of forty mail systems, invented after their documented layouts. No message of anybody stands here; every address is of example.org.

Each system says what it says in its own words and order: where it writes a delivery status notification, in which fields; where it does not,
as text alone. What a message says is told with it, so that a reader can be held against it.
"""

# ruff: noqa: RUF001  # mail systems write Cyrillic and full-width letters

from __future__ import annotations

import base64
import quopri
from collections.abc import Callable, Iterator
from dataclasses import dataclass

__all__ = ["SYSTEMS", "Sample", "samples"]

_DATE = "Thu, 26 Nov 2026 09:14:03 +0300"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One message, the system it is of, and what it says."""

    system: str
    variant: str
    kind: str
    status: str
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What happened to the message that is returned."""

    variant: str
    kind: str
    status: str
    code: int
    words: str


CASES = (
    Case(variant="nobody", kind="failed", status="5.1.1", code=550, words="User unknown"),
    Case(variant="full", kind="failed", status="5.2.2", code=552, words="Mailbox is full"),
    Case(variant="host", kind="failed", status="5.4.4", code=550, words="Host or domain name not found"),
    Case(variant="policy", kind="failed", status="5.7.1", code=554, words="Message rejected due to policy"),
    Case(variant="disabled", kind="failed", status="5.2.1", code=550, words="Account disabled"),
    Case(variant="expired", kind="failed", status="4.4.7", code=451, words="Delivery time expired"),
    Case(variant="later", kind="delayed", status="4.4.1", code=451, words="Connection timed out"),
    Case(variant="busy", kind="delayed", status="4.2.2", code=452, words="Mailbox is over its quota for now"),
)
_FAILED = tuple(each for each in CASES if each.kind == "failed")


def _original(back: str, to: str) -> str:
    return (
        f"Return-Path: <{back}>\nReceived: from duka.example.org (192.0.2.10) by mx.example.org; {_DATE}\n"
        f"From: Duka <privacy@duka.example.org>\nTo: {to}\nSubject: Your personal data leaked\n"
        "Message-ID: <0123456789abcdef0123456789abcdef@duka.example.org>\nAuto-Submitted: auto-generated\n"
    )


def _lines(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dsn:
    """A system that writes RFC 3464: its own words before, its fields, and how it returns the message."""

    name: str
    sender: str
    failed: str
    delayed: str
    text: str
    order: tuple[str, ...] = ("Final-Recipient", "Action", "Status", "Diagnostic-Code")
    reporting: str = "dns; mx.example.org"
    whole: bool = False
    coded: str = ""
    status_type: str = "message/delivery-status"
    null_path: bool = True
    lower: bool = False

    def __call__(self, case: Case, back: str, to: str) -> bytes:
        subject = self.failed if case.kind == "failed" else self.delayed
        fields = {
            "Original-Recipient": f"rfc822;{to}",
            "Final-Recipient": f"rfc822; {to}",
            "Action": case.kind,
            "Status": case.status if self.name != "exchange-2003" else f"{case.status} ",
            "Remote-MTA": "dns; mx2.example.org (192.0.2.25)",
            "Diagnostic-Code": f"smtp; {case.code} {case.status} <{to}>: {case.words}",
            "Last-Attempt-Date": _DATE,
            "X-Display-Name": to.partition("@")[0],
        }
        told = "\n".join(f"{name.lower() if self.lower else name}: {fields[name]}" for name in self.order)
        text = self.text.format(to=to, words=case.words, code=case.code, status=case.status)
        encoded, encoding = _encoded(text, self.coded)
        returned = _original(back, to)
        if self.whole:
            kind, returned = (
                "message/rfc822",
                f"{returned}Content-Type: text/plain\n\nPersonal data about you leaked.\n",
            )
        else:
            kind = "text/rfc822-headers"
        edge = f"{self.name}-edge.2026"
        path = "Return-Path: <>\n" if self.null_path else ""
        return _lines(
            f"{path}Received: by mx.example.org; {_DATE}\nDate: {_DATE}\nFrom: {self.sender}\nTo: {back}\nSubject: {subject}\n"
            f'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status;\n boundary="{edge}"\n\n'
            f"This is a MIME-encapsulated message.\n\n--{edge}\nContent-Type: text/plain; charset=utf-8\n{encoding}\n{encoded}\n"
            f"--{edge}\nContent-Type: {self.status_type}\n\nReporting-MTA: {self.reporting}\nArrival-Date: {_DATE}\n\n{told}\n\n"
            f"--{edge}\nContent-Type: {kind}\n\n{returned}\n--{edge}--\n"
        )


def _encoded(text: str, how: str) -> tuple[str, str]:
    if how == "base64":
        return base64.encodebytes(text.encode()).decode(), "Content-Transfer-Encoding: base64\n"
    if how == "quoted":
        return quopri.encodestring(text.encode()).decode(), "Content-Transfer-Encoding: quoted-printable\n"
    return text, "Content-Transfer-Encoding: 8bit\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """A system that writes text alone. `delayed` is empty where it never writes of delays."""

    name: str
    sender: str
    failed: str
    text: str
    delayed: str = ""
    late_text: str = ""
    coded: str = ""
    told: bool = True  # whether it passes on the enhanced status
    head: str = ""

    def __call__(self, case: Case, back: str, to: str) -> bytes:
        late = case.kind == "delayed"
        status = f"{case.status} " if self.told else ""
        text = (self.late_text if late else self.text).format(
            to=to, words=case.words, code=case.code, status=status, original=_original(back, to)
        )
        encoded, encoding = _encoded(text, self.coded)
        head = self.head.format(to=to)
        return _lines(
            f"Return-Path: <>\nReceived: by mx.example.org; {_DATE}\nDate: {_DATE}\nFrom: {self.sender}\nTo: {back}\n{head}"
            f"Subject: {self.delayed if late else self.failed}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n{encoding}\n{encoded}"
        )


def _word(text: str) -> str:
    return f"=?utf-8?B?{base64.b64encode(text.encode()).decode()}?="


_UNDELIVERED, _DELAYED = "Undelivered Mail Returned to Sender", "Delayed Mail (still being retried)"
_FULL = (
    "Original-Recipient",
    "Final-Recipient",
    "Action",
    "Status",
    "Remote-MTA",
    "Diagnostic-Code",
    "Last-Attempt-Date",
)

DSNS = (
    Dsn(name="postfix", sender="MAILER-DAEMON@mx.example.org (Mail Delivery System)", failed=_UNDELIVERED, delayed=_DELAYED,
        text="This is the mail system at host mx.example.org.\n\nI'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients.\n\n<{to}>: host mx2.example.org said: {code} {status} {words}\n",
        order=("Final-Recipient", "Original-Recipient", "Action", "Status", "Remote-MTA", "Diagnostic-Code")),
    Dsn(name="sendmail", sender="Mail Delivery Subsystem <MAILER-DAEMON@mx.example.org>", failed="Returned mail: see transcript for details", delayed="Warning: could not send message for past 4 hours",
        text="The original message was received\n\n   ----- The following addresses had permanent fatal errors -----\n<{to}>\n    (reason: {code} {status} {words})\n", order=_FULL[1:], whole=True),
    Dsn(name="exim-dsn", sender="Mail Delivery System <Mailer-Daemon@mx.example.org>", failed="Mail delivery failed: returning message to sender", delayed="Warning: message 1abc-000 delayed 24 hours",
        text="This message was created automatically by mail delivery software.\n\nA message that you sent has not been delivered.\n\n  {to}\n    {code} {status} {words}\n"),
    Dsn(name="exchange-2003", sender="postmaster@example.org", failed="Delivery Status Notification (Failure)", delayed="Delivery Status Notification (Delay)",
        text="This is an automatically generated Delivery Status Notification.\n\nDelivery to the following recipients failed.\n\n       {to}\n", order=("Final-Recipient", "Action", "Status", "X-Display-Name"), reporting="dns;exch.example.org", whole=True),
    Dsn(name="exchange-2019", sender="Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.org>", failed="Undeliverable: Your personal data leaked", delayed="Delivery delayed: Your personal data leaked",
        text="Delivery has failed to these recipients or groups:\n\n{to}\nThe email address you entered couldn't be found.\n\nDiagnostic information for administrators:\n#{code} {status} {words} ##\n", whole=True, coded="quoted", order=(*_FULL[1:], "X-Display-Name")),
    Dsn(name="exchange-online", sender="postmaster@example.onmicrosoft.example.org", failed="Undeliverable: Your personal data leaked", delayed="Delayed: Your personal data leaked",
        text="Your message to {to} couldn't be delivered.\n\nRemote Server returned '{code} {status} {words}'\n", reporting="dns;AM0PR01.example.org", coded="base64", whole=True),
    Dsn(name="gmail", sender="Mail Delivery Subsystem <mailer-daemon@googlemail.example.org>", failed="Delivery Status Notification (Failure)", delayed="Delivery Status Notification (Delay)",
        text="** Address not found **\n\nYour message wasn't delivered to {to}.\n\nThe response was:\n\n{code} {status} {words}\n", order=("Final-Recipient", "Action", "Status", "Remote-MTA", "Diagnostic-Code", "Last-Attempt-Date"), whole=True, coded="quoted"),
    Dsn(name="yahoo-dsn", sender="MAILER-DAEMON@mail.example.org", failed="Failure Notice", delayed="Delivery is delayed",
        text="Sorry, we were unable to deliver your message to the following address.\n\n<{to}>:\n{code}: {words}\n", whole=True),
    Dsn(name="ses", sender="MAILER-DAEMON@email.example.org", failed="Delivery Status Notification (Failure)", delayed="Delivery Status Notification (Delay)",
        text="An error occurred while trying to deliver the mail to the following recipients:\n{to}\n", reporting="dns; a8-31.smtp-out.example.org", order=("Final-Recipient", "Action", "Diagnostic-Code", "Status"), null_path=False),
    Dsn(name="sendgrid", sender="MAILER-DAEMON@sg.example.org", failed="Undelivered Mail Returned to Sender", delayed=_DELAYED,
        text="Hello, this is the mail server on sg.example.org.\n\nI am sending you this message to inform you on the delivery status of a message you previously sent.\n\n{to}: {words}\n", null_path=False),
    Dsn(name="mailgun", sender="Mail Delivery System <postmaster@mg.example.org>", failed="Delivery Status Notification (Failure)", delayed="Delivery Status Notification (Delay)", text="Delivery to {to} failed: {words}\n"),
    Dsn(name="powermta", sender="postmaster@pmta.example.org", failed="Delivery report", delayed="Delivery delayed report",
        text="Hello, this is the mail server on pmta.example.org.\n\nThe following recipient has failed: {to}: {words}\n", order=("Original-Recipient", "Final-Recipient", "Action", "Status", "Remote-MTA", "Diagnostic-Code")),
    Dsn(name="momentum", sender="Mail Delivery System <mailer-daemon@ms.example.org>", failed="Mail Delivery Failure", delayed="Mail Delivery Delayed", text="This message has been bounced by mx.example.org.\n{to}: {words}\n"),
    Dsn(name="greenarrow", sender="Mail Delivery System <bounce@ga.example.org>", failed="failure notice", delayed="delay notice", text="{to}: {words}\n", null_path=False),
    Dsn(name="courier", sender='"Courier mail server at mx.example.org" <@>', failed="NOTICE: mail delivery status.", delayed="NOTICE: mail delivery status.", text="This is a delivery status notification from mx.example.org.\n\n<{to}>: {words}\n"),
    Dsn(name="zimbra", sender="MAILER-DAEMON@zimbra.example.org", failed=_UNDELIVERED, delayed=_DELAYED, text="This is the mail system at host zimbra.example.org.\n<{to}>: {words}\n", whole=True),
    Dsn(name="communigate", sender="<MAILER-DAEMON@cgp.example.org>", failed="Undeliverable mail: Your personal data leaked", delayed="Delayed mail: Your personal data leaked", text="Failed to deliver to '{to}'\n{words}\n", reporting="dns; cgp.example.org"),
    Dsn(name="domino", sender="postmaster@domino.example.org", failed="DELIVERY FAILURE: Your personal data leaked", delayed="DELIVERY DELAYED: Your personal data leaked", text="Your message\n\n  Subject: Your personal data leaked\n\nwas not delivered to:\n\n  {to}\n\nbecause:\n\n  {words}\n", whole=True),
    Dsn(name="groupwise-dsn", sender="Mailer-Daemon@gw.example.org", failed="Message status - undeliverable", delayed="Message status - delayed", text="The attached message had PERMANENT fatal delivery errors!\n"),
    Dsn(name="opensmtpd", sender="Mailer Daemon <MAILER-DAEMON@obsd.example.org>", failed="Delivery status notification: error", delayed="Delivery status notification: warning", text="    Hi!\n\n    This is the MAILER-DAEMON, please DO NOT REPLY to this email.\n\n{to}: {code} {words}\n"),
    Dsn(name="haraka", sender="MAILER-DAEMON@haraka.example.org", failed="Failed Mail Delivery", delayed="Mail Delivery Delayed", text="I'm afraid I wasn't able to deliver the following message.\n{to}: {words}\n", whole=True),
    Dsn(name="james", sender="Postmaster <postmaster@james.example.org>", failed="Delivery failure", delayed="Delivery delayed", text="Hi. This is the James mail server at james.example.org.\nFailed recipient(s):\n{to}\n"),
    Dsn(name="ironport", sender="Mail Delivery System <MAILER-DAEMON@esa.example.org>", failed="Delivery Status Notification (Failure)", delayed="Delivery Status Notification (Delay)", text="The following message to <{to}> was undeliverable.\nThe reason for the problem:\n{status} - {words}\n", reporting="dns; esa.example.org"),
    Dsn(name="mimecast", sender="Mail Delivery Service <postmaster@mime.example.org>", failed="[Postmaster] Email Delivery Failure", delayed="[Postmaster] Email Delivery Delay", text="This is a delivery report from mime.example.org.\n{to}: {words}\n", lower=True),
    Dsn(name="proofpoint", sender="MAILER-DAEMON@pp.example.org", failed="Delivery Failure", delayed="Delivery Delayed", text="{to}: {words}\n", coded="base64"),
    Dsn(name="naver", sender="MAILER-DAEMON@naver.example.org", failed=_word("[메일전송실패안내] 메일이 전송되지 못했습니다"), delayed=_word("[메일 전송 지연 안내]"), text="{to} 님에게 보내신 메일이 전송되지 못했습니다.\n사유: {words}\n", coded="base64"),
    Dsn(name="daum", sender="postmaster@hanmail.example.org", failed=_word("반송: 메일을 보내지 못했습니다"), delayed=_word("지연: 메일을 아직 보내지 못했습니다"), text="{to}: {code} {words}\n수신자를 찾을 수 없습니다.\n", coded="quoted", order=_FULL),
    Dsn(name="mail-ru", sender="mailer-daemon@corp.mail.example.org", failed=_word("Не доставлено: Your personal data leaked"), delayed=_word("Задержка: Your personal data leaked"), text="Это письмо создано автоматически.\n{to}: {words}\n", coded="base64"),
    Dsn(name="qq", sender="PostMaster@qq.example.org", failed=_word("系统退信/Systems bounce"), delayed=_word("延迟投递"), text="{to}\n{code} {words}\n", coded="base64", whole=True),
    Dsn(name="stalwart", sender='"Mail Delivery Subsystem" <MAILER-DAEMON@stw.example.org>', failed="Failed to deliver message", delayed="Warning: Delay in message delivery", text="Your message could not be delivered to the following recipients:\n\n<{to}> (host 'mx2' rejected: {words})\n", order=("Original-Recipient", "Final-Recipient", "Action", "Status", "Diagnostic-Code", "Remote-MTA"), status_type="message/global-delivery-status"),
)  # fmt: skip

PLAINS = (
    Plain(name="qmail", sender="MAILER-DAEMON@qm.example.org", failed="failure notice", told=True,
          text="Hi. This is the qmail-send program at qm.example.org.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<{to}>:\n192.0.2.25 does not like recipient.\nRemote host said: {code} {status}{words}\nGiving up on 192.0.2.25.\n\n--- Below this line is a copy of the message.\n\n{original}\n"),
    Plain(name="exim-text", sender="Mail Delivery System <Mailer-Daemon@ex.example.org>", failed="Mail delivery failed: returning message to sender", head="X-Failed-Recipients: {to}\n",
          text="This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  {to}\n    SMTP error from remote mail server after RCPT TO:<{to}>:\n    {code} {status}{words}\n\n------ This is a copy of the message, including all the headers. ------\n\n{original}\n",
          delayed="Warning: message 1tF2-0003 delayed 24 hours",
          late_text="This message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours on the queue on ex.example.org.\n\n  {to}\n    Delay reason: {words}\n\nNo action is required on your part. Delivery attempts will continue for\nsome time.\n\n{original}\n"),
    Plain(name="yahoo-text", sender="MAILER-DAEMON@yh.example.org", failed="Delivery failure",
          text="Message from yh.example.org.\nUnable to deliver message to the following address(es).\n\n<{to}>:\n{code} {status}{words}\n\n--- Original message follows.\n\n{original}\n"),
    Plain(name="smtp32", sender="Postmaster <postmaster@im.example.org>", failed="Undeliverable Mail", head="X-Mailer: <SMTP32 v8.05>\n",
          text="Unknown user: {to}\n\nOriginal message follows.\n\n{original}\n"),
    Plain(name="kakao-mail", sender="mailer-daemon@kakao.example.org", failed=_word("[반송] 메일 전송 실패"), coded="base64",
          text="메일을 배달하지 못했습니다.\n받는 사람: {to}\n이유: {code} {status}{words}\n\n{original}\n", delayed=_word("[지연] 메일 전송이 지연되고 있습니다"), late_text="메일 전송이 지연되고 있습니다.\n{to}: {code} {status}{words}\n\n{original}\n"),
    Plain(name="safaricom", sender="Mail Delivery System <mailer-daemon@isp.ke.example.org>", failed="Barua pepe haikuwasilishwa",
          text="Ujumbe wako kwa {to} haikuwasilishwa.\n\n{code} {status}{words}\n\n--- Original message ---\n{original}\n"),
    Plain(name="gmx", sender='"GMX Mailer Daemon" <mailer-daemon@gmx.example.org>', failed="Mail delivery failed: returning message to sender", coded="quoted",
          text="This message was created automatically by mail delivery software.\nA message that you sent could not be delivered to\none or more of its recipients. This is a permanent error.\nThe following address failed:\n\n{to}:\nSMTP error from remote server for RCPT TO command, host: mx2.example.org\nreason: {code} {status}{words}\n\n--- The header of the original message is following. ---\n\n{original}\n"),
)  # fmt: skip


def _complaint(back: str, to: str, feedback: str, by: str) -> bytes:
    """RFC 5965. What providers strike out of it is struck out: the recipient's address."""
    return _lines(
        f"Return-Path: <>\nFrom: <{by}>\nDate: {_DATE}\nSubject: FW: Your personal data leaked\nTo: <fbl@duka.example.org>\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="arf-edge"\n\n'
        "--arf-edge\nContent-Type: text/plain; charset=US-ASCII\nContent-Transfer-Encoding: 7bit\n\nThis is an email abuse report for an email message\n\n"
        f"--arf-edge\nContent-Type: message/feedback-report\n\nFeedback-Type: {feedback}\nUser-Agent: Example/1.0\nVersion: 1\nOriginal-Mail-From: <{back}>\nArrival-Date: {_DATE}\nSource-IP: 192.0.2.10\n\n"
        f"--arf-edge\nContent-Type: message/rfc822\nContent-Disposition: inline\n\n{_original(back, 'redacted@example.org')}Content-Type: text/plain\n\nPersonal data about you leaked.\n\n--arf-edge--\n"
    )


_FEEDBACK = (
    ("aol-fbl", "scomp@aol.example.org"),
    ("outlook-jmrp", "staff@hotmail.example.org"),
    ("yahoo-cfl", "feedback@arf.mail.example.org"),
)
_REPLIES = (
    ("Out of Office: Your personal data leaked", "Auto-Submitted: auto-replied\n", "I am away until Monday.\n"),
    (_word("부재중 자동응답"), "X-Autoreply: yes\n", "부재중입니다.\n"),
    ("Automatic reply: Your personal data leaked", "Auto-Submitted: auto-replied\nX-Auto-Response-Suppress: All\n", "Thank you for your message.\n"),
    ("Re: Your personal data leaked", "Precedence: auto_reply\n", "Nipo likizo.\n"),
)  # fmt: skip

SYSTEMS = (*(each.name for each in (*DSNS, *PLAINS)), *(name for name, _ in _FEEDBACK))


def samples(address: Callable[[], tuple[str, str]]) -> Iterator[Sample]:
    """Every sample; `address` gives the return path and the recipient of the next one."""
    for system in (*DSNS, *PLAINS):
        for case in CASES:
            if isinstance(system, Plain) and (
                case.variant == "expired" or (case.kind == "delayed" and not system.delayed)
            ):
                continue
            back, to = address()
            told = (
                case.status
                if isinstance(system, Dsn)
                or (
                    system.told
                    and "{status}" in (system.late_text if case.kind == "delayed" else system.text)
                )
                else ""
            )
            yield Sample(
                system=system.name,
                variant=case.variant,
                kind=case.kind,
                status=told,
                raw=system(case, back, to),
            )
    for name, by in _FEEDBACK:
        for feedback, kind in (("abuse", "complaint"), ("fraud", "complaint"), ("not-spam", "other")):
            back, to = address()
            yield Sample(
                system=name, variant=feedback, kind=kind, status="", raw=_complaint(back, to, feedback, by)
            )
    for subject, head, text in _REPLIES:
        back, to = address()
        raw = _lines(
            f"From: Somebody <{to}>\nTo: {back}\nDate: {_DATE}\nSubject: {subject}\n{head}MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{text}"
        )
        yield Sample(system="absence", variant=subject, kind="reply", status="", raw=raw)
    for system in DSNS[:12]:
        back, to = address()
        done = Case(variant="delivered", kind="delivered", status="2.0.0", code=250, words="ok")
        yield Sample(
            system=system.name,
            variant="delivered",
            kind="delivered",
            status="2.0.0",
            raw=system(done, back, to),
        )
