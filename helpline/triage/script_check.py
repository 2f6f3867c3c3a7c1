"""Whether a script can be walked: nobody gets stuck, and every choice that is offered leads somewhere.

What is said is another question, and depends on the phrases and on the channel: `desk.check_scripts` asks it.
"""

from collections.abc import Iterator

from helpline.triage.script import LANGUAGES, LEADING, RETURN, SLASH, WITH_ARGUMENT, Act, Script, Step, Way

#: Steps that the desk leads to by name, whatever the script says.
LED_TO = ("waiting", "closed", "nobody", "queue_full", "waited_long", "safe")
#: What must be understood at every step of a conversation in writing.
ALWAYS_IN_WRITING = (Act.ERASE, Act.HELP_NOW, Act.WAIT, Act.BACK, Act.RESUME)
#: And on the telephone: a person, and the step with the other ways.
ALWAYS_SPOKEN = (Act.WAIT,)
#: Ways that end in something other than a further step: a person, or nothing more to do.
_GOOD_ENDS = {Act.WAIT, Act.CALLBACK, Act.ERASE}


def problems(
    script: Script, *, spoken: bool, articles: frozenset[str], questionnaires: frozenset[str]
) -> Iterator[str]:
    """Sentences that each name a step and what is wrong with it."""
    missing = list(_missing(script))
    yield from missing
    if missing:
        return
    yield from _unreachable(script)
    yield from _everywhere(script, spoken=spoken)
    ends_well = _ends_well(script)
    for step in script.steps.values():
        yield from _step(step, script, questionnaires)
        if step.id not in ends_well:
            yield f"step {step.id}: no way leads on to a person, to the menu or to an end; it is a dead end."
        for way in step.all_ways():
            yield from _way(f"step {step.id}", way, articles, questionnaires)
    for way in script.anywhere:
        yield from _way("anywhere", way, articles, questionnaires)


def _missing(script: Script) -> Iterator[str]:
    """Steps that are led to and do not exist."""
    for name, said in ((script.start, "start"), (script.menu, "menu")):
        if name not in script.steps:
            yield f"{said}: the step {name} does not exist."
    for step in script.steps.values():
        for name in _after(step):
            if name not in script.steps:
                yield f"step {step.id}: it leads to the step {name}, which does not exist."
    for way in script.anywhere:
        for name in filter(None, (way.go, way.otherwise)):
            if name not in script.steps:
                yield f"anywhere: the step {name} does not exist."


def _after(step: Step) -> Iterator[str]:
    for way in step.all_ways():
        yield from (name for name in (way.go, way.otherwise) if name and name != RETURN)
    yield from filter(None, (step.done, step.stop, step.back))
    yield from step.unless.values()


def _unreachable(script: Script) -> Iterator[str]:
    reached: set[str] = set()
    todo = [script.start, script.menu, *(name for name in LED_TO if name in script.steps)]
    todo += [name for way in script.anywhere for name in (way.go, way.otherwise) if name]
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo += _after(script.steps[name])
    for name in script.steps:
        if name not in reached:
            yield f"step {name}: no way leads here; it cannot be reached."


def _ends_well(script: Script) -> set[str]:
    """The steps from which some way of their own leads to a person, to the menu, or to an end."""
    good = {step.id for step in script.steps.values() if step.ends or step.id in (script.menu, script.start)}
    good |= {step.id for step in script.steps.values() if any(way.do in _GOOD_ENDS for way in step.all_ways())}
    # A step apart leads back to where the caller came from, and those places are looked at themselves.
    good |= {
        step.id
        for step in script.steps.values()
        if step.apart and any(way.go == RETURN or way.do is Act.BACK for way in step.all_ways())
    }
    while True:
        more = {name for name, step in script.steps.items() if name not in good and good.intersection(_after(step))}
        if not more:
            return good
        good |= more


def _everywhere(script: Script, *, spoken: bool) -> Iterator[str]:
    acts = {way.do for way in script.anywhere}
    for act in ALWAYS_SPOKEN if spoken else ALWAYS_IN_WRITING:
        if act not in acts:
            yield f"anywhere: no words mean «{act}», which must be possible at every step."
    if spoken:
        return
    if script.menu not in {way.go for way in script.anywhere}:
        yield "anywhere: no words lead to the menu."
    for way in script.anywhere:
        named = way.do or way.go
        for where in (*LANGUAGES, SLASH):
            if not way.spelt.get(where):
                yield f"anywhere: «{named}» has no words under {where}."
        if any(not word.startswith("/") for word in way.spelt.get(SLASH, ())):
            yield f"anywhere: a command of «{named}» does not begin with a slash."


def _step(step: Step, script: Script, questionnaires: frozenset[str]) -> Iterator[str]:
    if not step.ends and not step.all_ways():
        yield f"step {step.id}: it has no way on."
    if not step.ends and step.any is None:
        yield f"step {step.id}: it does not know what to do with other words (`any`)."
    if step.asks is not None:
        if step.asks not in questionnaires:
            yield f"step {step.id}: the questions {step.asks} do not exist."
        if step.done is None:
            yield f"step {step.id}: it asks questions and names no step after the last (`done`)."
        if step.any is None or step.any.do is not Act.ANSWER:
            yield f"step {step.id}: it asks questions, and other words are not the answer (`any: {{do: answer}}`)."
    elif step.stop is not None or (step.done is not None and step.shows is None):
        yield f"step {step.id}: `done` and `stop` belong to a step that asks questions or shows something to choose."
    everywhere = {word: (way.do, way.argument) for way in script.anywhere for word in way.words}
    for language in LANGUAGES:
        taken: dict[str, Way] = {}
        for way in step.ways_in(language):
            if not (way.key or way.words or way.reply):
                yield f"step {step.id}: a way has neither key nor words and cannot be chosen."
            for word in filter(None, dict.fromkeys((way.key.casefold(), *way.words))):
                if word in taken:
                    yield f"step {step.id}: «{word}» means two things, and the second cannot be reached."
                elif everywhere.get(word, (way.do, way.argument)) != (way.do, way.argument):
                    yield f"step {step.id}: «{word}» has a meaning at every step, which it may not lose here."
                taken[word] = way
    if not step.apart and any(RETURN in (way.go, way.otherwise) for way in step.all_ways()):
        yield f"step {step.id}: only a step apart (`apart: true`) can lead to «{RETURN}»."
    for unknown in {language for way in step.all_ways() for language in way.offered_in} - set(LANGUAGES):
        yield f"step {step.id}: a way is for the unknown language {unknown}."


def _way(where: str, way: Way, articles: frozenset[str], questionnaires: frozenset[str]) -> Iterator[str]:
    if way.do in WITH_ARGUMENT and not way.argument:
        yield f"{where}: «{way.do}» needs a name after a colon."
    if way.do is Act.ARTICLE and way.argument not in articles:
        yield f"{where}: the article {way.argument} does not exist."
    if way.do in (Act.BEGIN, Act.ANEW) and way.argument not in questionnaires:
        yield f"{where}: the questions {way.argument} do not exist."
    if way.do is Act.BEGIN and not (way.go and way.otherwise):
        yield f"{where}: «begin» needs a step to go to, and another (`else`) when some questions are answered already."
    if way.do in LEADING and way.go is not None:
        yield f"{where}: «{way.do}» leads somewhere by itself; the step {way.go} would never be reached."
    if way.do is None and way.go is None:
        yield f"{where}: a way neither does anything nor leads anywhere."
