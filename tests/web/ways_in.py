"""Ways into the console in Debian's Chromium, in a process of its own, under the policy that pages have: `python -m tests.web.ways_in STORY
ADDRESS [FOLDER]`. With FOLDER the pages are put there as pictures. Ends with 1, and says what was wrong, where something is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import CDPSession, Page, expect, sync_playwright
from tests.waiting import HANG
from tests.web.story import CHROMIUM, PASSWORD
from tests.wide import WIDE

DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True,
    "automaticPresenceSimulation": True,
}  # fmt: skip


def device(page: Page) -> tuple[CDPSession, str]:
    """A device with passkeys that the browser believes it has."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    return tools, str(tools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"])


def log_in(page: Page, address: str) -> None:
    page.goto(f"{address}/login")
    page.get_by_label("Name").fill("the-investigator")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url(f"{address}/")


def by_passkey(page: Page, address: str, folder: str) -> None:
    """Made by who is logged in, used by who is not; without the user at the device, or copied to another one, it opens nothing."""
    tools, made = device(page)
    log_in(page, address)
    page.get_by_role("link", name="Your passkeys").click()
    page.get_by_label("What you call it").fill("laptop")
    page.get_by_label("Password").fill("a wrong password")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("the password is wrong")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("cell", name="laptop", exact=True)).to_be_visible()
    picture(page, folder, "passkeys")
    (kept,) = tools.send("WebAuthn.getCredentials", {"authenticatorId": made})["credentials"]
    page.get_by_role("button", name="Log out").click()
    picture(page, folder, "login")
    page.get_by_role("button", name="Log in with a passkey").click()
    page.wait_for_url(f"{address}/")
    page.get_by_role("button", name="Log out").click()
    tools.send("WebAuthn.setUserVerified", {"authenticatorId": made, "isUserVerified": False})
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.get_by_role("alert").last).to_contain_text("This browser gave no passkey.")
    tools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": made})
    another = str(tools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"])
    old = {**kept, "signCount": 0}  # a copy from before it was used
    tools.send("WebAuthn.addCredential", {"authenticatorId": another, "credential": old})
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.get_by_role("alert").first).to_contain_text("opens nothing here")
    log_in(page, address)
    page.goto(f"{address}/passkeys")
    page.get_by_role("button", name="End the passkey laptop").click()
    expect(page.get_by_text("There is none.")).to_be_visible()


def by_provider(page: Page, address: str, folder: str) -> None:
    """Through the provider and back to the first page, and the login holds on the next one."""
    page.goto(f"{address}/login")
    page.get_by_role("link", name="Log in by").click()
    page.wait_for_url(f"{address}/")
    picture(page, folder, "arrived")
    page.get_by_role("link", name="Findings").click()
    page.wait_for_url(f"{address}/findings")


def picture(page: Page, folder: str, name: str) -> None:
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def accessible(browser: Any, address: str) -> list[str]:
    """What axe finds on the pages of these ways in."""
    found: list[str] = []
    for scheme in ("light", "dark") if WIDE else ("dark",):
        page = browser.new_context(
            color_scheme=scheme, viewport={"width": 375, "height": 800}, bypass_csp=True
        ).new_page()
        page.goto(f"{address}/login")
        found += [f"login: {each['id']}" for each in Axe().run(page).response["violations"]]
        log_in(page, address)
        page.goto(f"{address}/passkeys")
        found += [f"passkeys: {each['id']}" for each in Axe().run(page).response["violations"]]
        wide = page.evaluate("document.documentElement.scrollWidth")
        found += [f"passkeys: {wide} pixels wide"] * (wide > 375)
    return found


def main(story: str, address: str, folder: str = "") -> int:
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        expect.set_options(timeout=HANG * 1_000)
        page = browser.new_context(locale="en-GB").new_page()
        page.set_default_timeout(HANG * 1_000)
        page.on(
            "console",
            lambda told: (
                complaints.append(told.text)
                if told.type == "error" and "status of 400" not in told.text
                else None
            ),
        )
        {"by_passkey": by_passkey, "by_provider": by_provider}[story](page, address, folder)
        complaints += accessible(browser, address)
        browser.close()
    sys.stderr.write("".join(f"{each}\n" for each in complaints))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
