"""Any plan that may be written: odd texts, sequences in any order, times to the millisecond."""

from __future__ import annotations

from hypothesis import strategies as st

from sequences.planfile import Plan, PlanElement, PlanProject, PlanSequence, PlanShot, PlanSong, PlanStyle, tidy

words = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t"), max_size=40).map(tidy)
keys = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9_-]{0,6}[A-Za-z0-9])?", fullmatch=True)
lengths = st.decimals("0.001", "9999", places=3)
shots = st.builds(PlanShot, words, lengths, st.booleans(), st.booleans(), st.sampled_from(["", "sketch/clip"]))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    elements = draw(
        st.lists(
            st.builds(PlanElement, keys, st.sampled_from(["character", "prop", "place"]), keys, words,
                      st.sampled_from(["", "refs/props/x"])),
            max_size=3, unique_by=lambda e: e.key,
        )
    )  # fmt: skip
    known = [e.key for e in elements]
    codes = draw(st.lists(keys, max_size=4, unique=True))
    edges = sorted(
        draw(st.lists(st.decimals(0, 600, places=3), min_size=2 * len(codes), max_size=2 * len(codes), unique=True))
    )
    order = draw(st.permutations(range(len(codes))))
    sequences = tuple(
        PlanSequence(
            code, edges[2 * place], edges[2 * place + 1], draw(words),
            draw(st.sampled_from(["multi_shot", "per_shot"])),
            tuple(draw(st.permutations(known))[: draw(st.integers(0, 3))]) if known else (),
            draw(words), tuple(draw(st.lists(shots, max_size=3))), PlanStyle(*(draw(words) for _ in range(3))),
            tuple(draw(st.lists(words.filter(bool), max_size=3))),
        )
        for code, place in zip(codes, order, strict=True)
    )  # fmt: skip
    project = PlanProject(
        draw(st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8})?", fullmatch=True)), draw(words.filter(bool)), draw(words),
        2 * draw(st.integers(32, 2000)), 720, draw(st.sampled_from(["24", "30000/1001"])),
        draw(st.decimals(0, 9999, places=6)),
    )  # fmt: skip
    song = draw(st.none() | st.builds(PlanSong, words.filter(bool)))
    return Plan(project, PlanStyle(*(draw(words) for _ in range(3))), song, tuple(elements), sequences)
