"""`aligncleaner explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from aligncleaner.cli import options, terminal

if TYPE_CHECKING:
    from aligncleaner.explain import Explanation

_CHANCES = ("complies", "partly_refuses", "refuses", "malformed")
_TRAITS = ("disclaimer", "hedge", "moralizing")


def explain(
    place: Annotated[
        str, typer.Argument(help="FILE:LINE or FILE:LINE:TURN (line from 1, turn from 0).")
    ],
    rules: options.RulesFolders = None,
    format: options.Format = "auto",
    map: options.Map = None,
    role_map: options.RoleMap = None,
    detectors: options.Detectors = options.ALL_DETECTORS,
    json: options.Json = False,
) -> None:
    """Say why an answer is judged as it is: every flag, span, rule and weight."""
    from aligncleaner.detect import cascade
    from aligncleaner.explain import explain as explained
    from aligncleaner.explain import parse_place

    file, line, turn = parse_place(place)
    built = cascade.build(options.setup(rules, detectors, "re2"))
    found = explained(file, line, turn, built, options.reading(format, map, role_map))
    if json:
        import sys

        import orjson

        plain = [one.as_json() for one in found]
        sys.stdout.write(orjson.dumps(plain, option=orjson.OPT_INDENT_2).decode() + "\n")
        return
    for one in found:
        print(terminal.visible(in_words(one)), end="\n\n")


def in_words(one: Explanation) -> str:
    """An explanation as a person would read it."""
    verdict = one.verdict
    lines = [f"{one.source}:{one.line}:{one.turn}  {verdict.outcome}", ""]
    if one.prompt is not None:
        lines.append(f"  prompt   {_short(one.prompt)}")
    lines += [f"  answer   {_short(one.answer)}", ""]
    chances = ", ".join(f"{name} {getattr(verdict, 'p_' + name):.2f}" for name in _CHANCES)
    lines.append(f"  outcome  {chances}")
    traits = ", ".join(f"{name} {getattr(verdict, 'p_' + name):.2f}" for name in _TRAITS)
    lines.append(f"  traits   {traits}")
    lines.append(f"  delivers {100 * verdict.delivered_share:.0f} % of its text")
    lines.append(f"  language {one.lang or 'not told'}")
    if verdict.reasons:
        lines.append(f"  reasons  {', '.join(verdict.reasons)}")
    if verdict.over_refusal is not None:
        asked = f" (the prompt {', '.join(one.cues)})" if one.cues else ""
        lines.append(f"  needless with probability {verdict.over_refusal:.2f}{asked}")
    if one.flags:
        lines += ["", "  What was found:"]
    for flag in one.flags:
        name = flag.rule or flag.detector
        lines.append(
            f"    {flag.label} {flag.score:.2f}  {name}  characters {flag.start}-{flag.end}"
        )
        lines.append(f"      “{_short(one.answer[flag.start : flag.end])}”")
        if flag.rule in one.why:
            lines.append(f"      {one.why[flag.rule]}")
    if one.contributions:
        lines += ["", "  What it weighed (log-odds):"]
    lines += [
        f"    {part.points:+6.2f}  {part.decision}: {part.words} = {part.value:g} x {part.weight:g}"
        for part in one.contributions
    ]
    action = {"keep": "stays", "tag": "stays, with its flags", "drop_turn": "goes"}
    lines += ["", f"  By default it {action[one.decision.action]}."]
    return "\n".join(lines)


def _short(text: str, width: int = 200) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= width else flat[: width - 1] + "…"
