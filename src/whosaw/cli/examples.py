"""What a person would type, by command: shown at the end of its help. A test holds each to the options that there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["EXAMPLES", "FIRST", "SHORT_HELP"]

SHORT_HELP: Final = """\
whosaw finds out who saw whose personal data, from the logs you already have.

  whosaw demo          a small shop with a planted breach, scanned and told
  whosaw init logs/    look at your logs, and draft whosaw.toml and a map
  whosaw scan          read the logs that whosaw.toml names
  whosaw who 10002     who saw this person
  whosaw findings      who saw more than anything on record explains

whosaw --help lists all commands, whosaw COMMAND --help tells one.
https://whosaw.readthedocs.io"""

# what the help of all commands ends with
FIRST: Final = ("demo", "init logs/", "scan", "who 10002", "findings")

EXAMPLES: Final[Mapping[str, tuple[str, ...]]] = {
    "answer": (
        "answer 4711 --reason 'request of 3 March' --organisation 'Duka la Mfano' --contact privacy@example.org",
        "answer kim@example.org --reason 'request 12' --lang ko,en --tz Asia/Seoul --as pdf",
        "answer 4711 --reason 'request of 3 March' --as fhir-auditevent",
    ),
    "backup": ("backup /mnt/elsewhere/2026-11-28.tar", "backup nightly.tar --json"),
    "canary plan": ("canary plan --count 5",),
    "case new": (
        "case new case.toml --case shop",
        "case new case.toml --case shop --set zone=Africa/Nairobi --set organisation.established=KE",
    ),
    "check": ("check", "check --all"),
    "consistency": ("consistency case.toml filing.txt notice-ko.txt",),
    "config": ("config", "config --tz Asia/Seoul"),
    "context check": ("context check", "context check --context context/"),
    "context sources": ("context sources", "context sources --json"),
    "coverage": ("coverage", "coverage --source web --hours", "coverage --verify"),
    "custody anchor": ("custody anchor --file /mnt/usb/heads.txt",),
    "custody head": ("custody head",),
    "custody use": ("custody use",),
    "database": (
        "database",
        "database --move-to postgresql://whosaw@db.example.org/whosaw",
        "database --move-to sqlite",
    ),
    "decide": (
        "decide case.toml --duty kr-regulator --decision late --because 'the count was open' --by 'J. Kim'",
    ),
    "decisions": ("decisions case.toml", "decisions case.toml --pdf decisions.pdf"),
    "demo": ("demo", "demo shop --seed 7"),
    "duties": ("duties case.toml", "duties case.toml --ical deadlines.ics"),
    "erase": (
        "erase 4711 --ground request --reason 'request 12 of 3 March' --plan",
        "erase 4711 --ground request --reason 'request 12 of 3 March' --also kim@example.org",
    ),
    "erasures": ("erasures",),
    "evidence export": ("evidence export shop.evidence --as stix --output shop.json",),
    "evidence key": ("evidence key signing.pem",),
    "evidence seal": ("evidence seal shop --key signing.pem",),
    "evidence verifier": ("evidence verifier verify.py",),
    "evidence verify": ("evidence verify shop.evidence", "evidence verify shop.evidence --rerun logs/"),
    "explain": ("explain", "explain 877c44a55256be35:5"),
    "export access-record": ("export access-record record.csv",),
    "export tables": (
        "export tables for-the-regulator --reason 'order 2025-118'",
        "export tables counts --table exposures --table coverage --reason 'yearly report'",
    ),
    "export whose": ("export whose 5f1c0a9be2d47386 0a1b2c3d4e5f60718293a4b5c6d7e8f9",),
    "file": (
        "file case.toml --for kr-pipc --lang ko",
        "file case.toml --contracts --out letters",
        "file --list",
    ),
    "finding": ("finding f-058a", "finding f-058a --tz Asia/Seoul --reveal --reason 'incident 12'"),
    "findings": ("findings", "findings --explain w3f9", "findings --exit-code"),
    "formats columns": ("formats columns",),
    "formats list": ("formats list",),
    "formats show": ("formats combined",),
    "formats try": ("formats try logs/app.jsonl",),
    "gate consent": ("gate consent 3", "gate consent 3 --refuse"),
    "gate revoke": ("gate revoke 5f3a90c1",),
    "gate set": (
        "gate set --accounts required",
        "gate set --passkeys required",
        "gate set --reveal-more-than 10 --two export --two close-final",
    ),
    "gate show": ("gate show",),
    "gate sign-on": (
        "gate sign-on --issuer https://login.example.org --client-id whosaw --secret-file sso.secret --role privacy-officer=dpo",
        "gate sign-on",
        "gate sign-on --off",
    ),
    "gate token": (
        "gate token kim --role investigator",
        "gate token siem --role auditor --case spring --days 30",
        "gate token front --role portal",
    ),
    "hold check": ("hold check", "hold check --order h1 --exit-code"),
    "hold end": ("hold end --order h1 --reason 'the order was lifted'",),
    "hold list": ("hold list",),
    "hold start": ("hold start logs/ --order 'Order 12 of 2025-11-19' --at 2025-11-19T10:00:00+09:00",),
    "init": ("init logs/", "init logs/ --tz Asia/Seoul"),
    "law changes": ("law changes law-of-last-year.json",),
    "law coming": ("law coming", "law coming --since 2026-09-01 --ical law.ics"),
    "law export": ("law export law.json",),
    "law list": ("law list", "law list ke"),
    "law review": ("law review", "law review --days 90"),
    "law show": ("law show ke/authority",),
    "line": ("line 877c44a55256be35:5",),
    "lookups": ("lookups", "lookups --since 2025-11-19 --by kim"),
    "map categories": ("map categories", "map categories address"),
    "map check": ("map check", "map check map.toml logs/"),
    "map review": ("map review map.toml", "map review map.toml --accept customers-one"),
    "map suggest": ("map suggest logs/ --output map.toml", "map suggest --openapi api.yaml --har visit.har"),
    "lookup warnings": (
        "lookup warnings spring-2.lookup.kept",
        "lookup warnings spring-2.lookup.kept --follow",
        "lookup warnings spring-2.lookup.kept --exit-code",
    ),
    "lookup brake": (
        "lookup brake spring-2.lookup.kept on --hours 24 --reason 'numbers are being tried'",
        "lookup brake spring-2.lookup.kept off --reason 'they were shut out'",
    ),
    "lookup build": (
        "lookup build case.toml 2 --addresses people.csv",
        "lookup build case.toml 2 --addresses people.csv --canaries canaries.txt --codes codes.csv",
    ),
    "me release": ("me release 1",),
    "me set": (
        "me set --organisation 'Duka la Mfano' --contact privacy@example.org --purpose desk='answering your call'",
    ),
    "me show": ("me show",),
    "me withhold": ("me withhold f-0123456789ab --until 2026-12-31 --ground 'police request 12/2026'",),
    "lookup sign": ("lookup sign spring-2.lookup --address https://leak.example.org --key signing.pem",),
    "lookup verify": (
        "lookup verify page.json saved.html",
        "lookup verify page.json saved.html --signer 9f86d081884c7d65",
    ),
    "notice bounces": (
        "notice bounces shop Maildir/",
        "notice bounces shop bounces.mbox complaints/",
        "notice bounces shop --via https://messages.example.org",
    ),
    "notice check": ("notice check notice.txt --case case.toml",),
    "notice freeze": (
        "notice freeze case.toml --texts notices --addresses people.csv",
        "notice freeze case.toml --texts notices --addresses people.csv --since-version 1",
    ),
    "notice letters": ("notice letters shop --out letters --reason 'to the printer'",),
    "notice line": ("notice line shop 4711 --out line --reason 'she asked for it'",),
    "notice make": ("notice case.toml --lang ko,en --out notices",),
    "notice page": (
        "notice page case.toml notice.html --url https://shop.example.org/leak --days 30",
        "notice page case.toml saved.html --url https://shop.example.org/leak --seen",
    ),
    "notice prove": (
        "notice prove shop",
        "notice prove shop --key signing.pem --tsa https://tsa.example.org/",
    ),
    "notice release": ("notice release shop staff --reason 'a first look'",),
    "notice replace": ("notice replace shop --reason 'letters to those whom no mail reached'",),
    "notice send": (
        "notice send shop --via smtp://mail.example.org --from privacy@example.org",
        "notice send shop --via smtp://127.0.0.1:25 --clear --from privacy@example.org --quiet-hours 21:00-08:00 --pace 600",
        "notice send shop --via https://messages.example.org --channel messenger --from shop",
    ),
    "notice sender": ("notice sender example.org --records records.txt --server 192.0.2.10 --selector s1",),
    "notice settle": (
        "notice settle shop accepted --reason 'all of them are in the log of the mail server'",
    ),
    "notice status": ("notice status shop",),
    "notice verify": ("notice verify line/line-12.json --head 14:9f86d081884c7d659a2feaa0c55ad015",),
    "packs check": ("packs check", "packs check own/formats"),
    "penalty": ("penalty case.toml",),
    "picture": (
        "picture --of week --tz Asia/Seoul --out week.svg",
        "picture f-058a --of networks --open n12",
        "picture 4711 --of person --out 4711.png",
        "picture --out pictures/",
    ),
    "rejects": ("rejects", "rejects --source web --limit 100"),
    "replay damage": ("replay damage drill drill-damaged --damage rough",),
    "replay list": ("replay list",),
    "replay make": (
        "replay make drill --breach forged-token --seed 3",
        "replay make /shared/drill --like coupang --runner spark://spark.example.org:7077",
    ),
    "replay score": ("replay score whosaw-data drill",),
    "retention": ("retention", "retention --do --reason 'rule 7 of the house'"),
    "restore": (
        "restore nightly.tar -w whosaw-data",
        "restore nightly.tar -w whosaw-data --key-file /safe/vault.key --sha256 5f3a90c1…",
    ),
    "scan": (
        "scan",
        "scan logs/ --map map.toml --context context",
        "zcat access.log.gz | whosaw scan - --format combined",
        "scan logs/ --runner spark://spark.example.org:7077",
    ),
    "scope close": ("scope close shop --final",),
    "scope diff": ("scope diff shop", "scope diff shop 1 3"),
    "scope list": ("scope list",),
    "scope new": (
        "scope new --case shop --finding w3f9",
        "scope new --case shop --indicator ip=192.0.2.77",
        "scope new --case shop --finding w3f9 --runner spark://spark.example.org:7077",
    ),
    "scope reconcile": ("scope reconcile dump.csv --case shop",),
    "scope show": ("scope show shop", "scope show shop --persons"),
    "serve": (
        "serve",
        "serve --port 0",
        "serve --invite kim --role auditor",
        "serve --behind-proxy https://whosaw.example.org",
        "serve --public spring-2.lookup --address https://leak.example.org --via smtp://mail.example.org --from privacy@example.org",
    ),
    "sql": (
        "sql",
        "sql 'SELECT route, count(*) AS views FROM views GROUP BY route'",
        "sql 'SELECT * FROM exposures WHERE unexplained > 0 ORDER BY first' --tz Asia/Seoul --csv",
    ),
    "status": ("status", "status --days"),
    "what": (
        "what 192.0.2.77",
        "what network=192.0.2.0/24 --since '2025-03-03 09:00' --tz Asia/Seoul",
        "what key=k-2024-04 --route addresses --csv",
    ),
    "who": (
        "who 4711",
        "who kim@example.org --since 2025-03-01 --tz Asia/Seoul",
        "who p12 --reveal --reason 'asked by the person' --csv",
    ),
    "vault reading-key": ("vault reading-key reading.key --reason 'executors of the cluster'",),
    "vault rotate": (
        "vault rotate --reason 'an administrator left'",
        "vault rotate --reason 'key service' --new-key-command 'aws kms decrypt --ciphertext-blob fileb://key.enc --query Plaintext --output text'",
    ),
    "watch": ("watch", "watch logs/ --to https://alerts.example.org/hook"),
}
