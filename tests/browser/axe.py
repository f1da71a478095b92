"""Whether a page can be used by everybody: what axe says of it, and whether it scrolls sideways."""

from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe

from tests.browser.console import Console

WIDTHS = {390: 844, 1280: 800}
AXE = Axe().axe_script
# Nothing may change while axe looks: polls are held, and what fades from one theme into the other is at its end, since
# meanwhile it has neither's contrast. Told in a line each: what axe found right would be most of what it says.
FIND = """async (rules) => {
    const hold = (event) => event.preventDefault();
    document.body.addEventListener("htmx:beforeRequest", hold);
    const frame = () => new Promise(requestAnimationFrame);
    await frame();
    await frame();
    for (const motion of document.getAnimations()) {
        try { motion.finish(); } catch { motion.cancel(); }
    }
    const { violations } = await axe.run({ resultTypes: ["violations"], ...rules });
    document.body.removeEventListener("htmx:beforeRequest", hold);
    return violations
        .filter((one) => ["serious", "critical"].includes(one.impact))
        .map((one) => `${one.impact}: ${one.id} at ${one.nodes.slice(0, 3).map((node) => node.target).join(", ")}`);
}"""
# Of the second theme only what a theme can change.
THEMES: dict[Literal["light", "dark"], Any] = {
    "light": {},
    "dark": {"runOnly": ["color-contrast", "link-in-text-block"]},
}


def inspect(console: Console, name: str) -> list[str]:
    """What is wrong with the page as it is now, in each theme and width."""
    page, wrong = console.page, []
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        if by := console.scrolls_sideways_by():
            wrong.append(f"{name}, {width} px: scrolls sideways by {by} px")
        for theme, rules in THEMES.items():
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            wrong += [f"{name}, {theme}, {width} px: {finding}" for finding in page.evaluate(FIND, rules)]
    return wrong
