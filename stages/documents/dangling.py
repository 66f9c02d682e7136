"""Does a sentence lean on what stands around it? Patterns of pronouns, pointers and openings that go on from before."""

import re

from stages.documents.verbs import VERBS

# Nouns that say nothing without a name beside them
_GENERIC = (
    "models? scripts? functions? notebooks? files? datasets? data tools? options? commands? methods? approach(?:es)? "
    "packages? librar(?:y|ies) codes? repo(?:sitor(?:y|ies))? pages? documents? guides? examples? process(?:es)? "
    "steps? results? values? parameters? flags? arguments? apps? demos? systems? papers? agreements? "
    "features? variants? versions? tables? figures? sections? lists? goals? reasons? ideas? problems? issues? "
    "folders? director(?:y|ies) tutorials? techniques? strateg(?:y|ies) settings? outputs? inputs? prompts? samples? "
    "tasks? text configs? configurations? modules? class(?:es)? outcome project team developers? authors? difference "
    "splits? benefits? latter former others? same following rest above below remainder one ones"
).replace(" ", "|")
_AUX = (
    "is are was were be been has have had do does did can could will would may might must should shall cannot can't "
    "isn't aren't doesn't don't won't also then only always never usually typically automatically currently now still "
    "simply just already"
).replace(" ", "|")
_BASE = "|".join(sorted(VERBS))
_EXPECTED = (
    r" (?:is|was|can be|may be|might be) (?:\w+ )?(?:possible|necessary|recommended|important|required|advisable|"
    r"useful|helpful|essential|critical|crucial|worth|best|better|beneficial|common|easy|hard|difficult|allowed|"
    r"permitted|forbidden|advised|suggested|likely|mandatory|vital) (?:to|that|for|\w+ing)\b"
)
_EXPLETIVE = f"(?!{_EXPECTED})"
EXPLETIVE = re.compile(
    f"(?:.*, )?[Ii]t(?:'s|{_EXPECTED})".replace(
        "'s|", "'s(?= (?:\\w+ )?(?:likely|important|worth|best|possible|easy|hard|crucial|essential)\\b)|"
    )
)
_POINTER = r"(?:table|figure|fig|diagram|chart|section|chapter|paragraph|snippet|screenshot|image|list|picture|steps)s?"
_DANGLING = [
    re.compile(pattern, flags)
    for pattern, flags in (
        # first person: who speaks is not in the sentence
        (r"\b(?:we|our|ours|ourselves|let's|my|mine|we're|we've|we'll)\b", re.IGNORECASE),
        (r"\b(?:I|I'm|I've|us|me)\b(?! Accept)", 0),
        # demonstratives, but not those that point forward ("those who")
        (r"\b(?:this|these|that's)\b", re.IGNORECASE),
        (r"\bthose\b(?! (?:who|that|of|which|with|in|whose|from|for)\b)", re.IGNORECASE),
        (
            r"^That\b|\b(?:in|of|to|for|with|by|on|at|after|before|from|during) that[,.]|\bthat (?:case|point|reason|"
            r"way|end|step|one)\b|\bdoing so\b",
            0,
        ),
        # pronouns without a noun before them
        (
            rf"^It\b(?!'s){_EXPLETIVE}|^(?:It's\b(?! (?:\w+ )?(?:likely|possible|recommended|important|"
            r"necessary|advised) (?:to|that)\b)|"
            r"Its|You (?:are|have|were)\b(?! (?:to|allowed|required|free|not|the "
            rf"right)\b))",
            0,
        ),
        (r"^(?:They|Their|Them|He|She|His|Her|Hers|Theirs|Itself|Themselves)\b", 0),
        (
            r"^(?:If|When|While|As|Once|Because|Since|Although|Though|Where|Whether|Until|Unless|After|Before|Even if|"
            r"So that) (?:it|its|they|their|he|she|his|her|them)\b",
            0,
        ),
        (
            rf"^(?:For|In|On|At|With|By|To|During|Without|From|Under|Using|As)\b(?: [a-z][\w-]*){{1,8}}, "
            rf"(?:it\b{_EXPLETIVE}|they|he|she|its|their)\b",
            0,
        ),
        (
            r"^[A-Z][a-z]+(?:ing|ed) [^,]{3,60}, (?:it|they)\b|^The (?:[a-z]+ ){0,4}(?:its|their)\b|\bof the (?:two|"
            r"three)(?: (?:is|are|may|can|will)\b|[.,])",
            0,
        ),
        (
            r"^(?:To|For|In|By|With|From|Of|Using|After|Before|Without|On|Given|Unlike|Like|Instead of|Besides|Both "
            r"of) (?:\w+ing )?(?:it|them|its|their|him|her)\b",
            0,
        ),
        # openings that go on from somewhere
        (
            r"^(?:However|Therefore|Thus|Hence|Moreover|Furthermore|Additionally|Also|Besides|Instead|Otherwise|Then|"
            r"Meanwhile|Nevertheless|Nonetheless|Consequently|Similarly|Likewise|Alternatively|Finally|Lastly|Next|"
            r"Firstly|Secondly|Thirdly|First|Second|Third|Accordingly|Still|Yet|But|And|Or|Nor|So|Plus|Again|Now|"
            r"Later|Afterwards|Afterward|Here|Conversely|Rather|Subsequently|Indeed|Specifically|Again|Below|Above|"
            r"Overall|Same|Too|Well|Yes|No|Ok|Okay|Sure|Right|See|Among them|Likewise|Depending on)\b(?! is the)",
            0,
        ),
        (
            r"^(?:In (?:addition|contrast|turn|short|summary|conclusion|other words|the (?:same|above|end|latter|"
            r"former|previous|next|meantime|future|past)|both|either|such|each|all|most|some) ?(?:case|cases|way)?|On "
            r"the (?:other|one) hand|For (?:example|instance|now|both|all|each|either|comparison|reference|some)|As "
            r"(?:a result|such|well|before|you can|noted|shown|described|mentioned|discussed|always|above|can be|an? "
            r"(?:example|alternative|consequence))|At (?:the moment|present|first|last)|Because of|Due to|With "
            r"(?:that|it)|After (?:that|which)|By (?:contrast|doing)|That (?:is|said)|Not only|Even (?:so|then)|"
            r"More(?:over| specifically| precisely| concretely| generally| importantly)|To (?:that|do) )\b",
            0,
        ),
        (
            r"^(?:Such|Another|Others?|Either|Neither(?!.* nor )|The (?:other|others|latter|former|same|following|"
            r"above|below|previous|next|remaining|rest|resulting|corresponding|second|third|fourth|last|first|one|ones|"
            r"whole thing|above-mentioned|aforementioned|two|three|four|five))\b",
            0,
        ),
        (r"^Both\b(?! (?:[A-Z\d`\"-][^ ]*|[\w.]*_\w+)(?: [A-Z\d][^ ]*)* and )", 0),
        (r"\bsuch (?!as\b|that\b)\w+", 0),
        # generic subjects: which script, which model?
        (
            # not "The prompt file is given as --file"
            rf"^(?!The (?!current|default|given|new|whole|same)[a-z]+ (?:{_GENERIC}) .*--\w)"
            rf"(?i:the|each|every|all|all the|some|most|any|one|two|three|four|several|many|your|no|none of the) "
            rf"(?:[a-z]+(?:-[a-z]*ed)? )?(?:{_GENERIC}) (?:{_AUX}|(?<=s )(?:{_BASE})|[a-z]+[a-rt-z]s|[a-z]+ed)\b",
            0,
        ),
        (
            rf"^(?i:the|each|every|all|all the|some|most|any|one|several|many) (?:{_GENERIC}) "
            rf"(?:in|on|for|at|to|from|below|above|by|here)\b (?:{_AUX}|[a-z]+s)\b",
            0,
        ),
        (r"^There (?:is|are|was|were) [a-z -]+\.$", 0),
        (r"^(?:Additional|Further)\b|^There (?:is|are) also\b|\b(?:is|are|can|could|will|be|must|may) then\b", 0),
        (
            r"\bto date\b(?! with)|\bthink about it\b|, the models? (?:was|were|has|have|can|may)\b|"
            r"\bfor both (?=are|is)",
            0,
        ),
        (
            r"\bin the recipe\b|\bsimilarly\b|^The (?:more|most|less) \w+,|"
            r"^The (?:final|initial|last) (?:stage|step)\b",
            0,
        ),
        (r"\bthe (?:example|examples)\b(?! (?:of|for|in|from|that|script|file|folder|\w+_))", re.IGNORECASE),
        (r"^The (?:[\w-]+ ){0,5}(?:versions?|capabilities|limitations) of the models?\b", 0),
        # pointers to other places of the document
        (
            r"\b(?:above|below)\b(?! (?:the|a|an|[-+]?[$€£]?\d[\d.,]*\S*|zero|all|which|average|that)(?!\w))",
            re.IGNORECASE,
        ),
        (
            r"\bthe following\b(?! (?:\w+ ){0,2}(?:day|week|month|year)s?\b)|\bas follows\b|\bas (?:shown|described|"
            r"mentioned|discussed|explained|seen|noted|outlined|stated|listed|illustrated|depicted|detailed|"
            r"demonstrated|indicated|defined|specified (?:in|by)|before|earlier)\b",
            re.IGNORECASE,
        ),
        (rf"\bthe {_POINTER}\b(?! (?:of|named|called|titled|[A-Z\d\"`]))", re.IGNORECASE),
        (
            r"\bsee\b(?: (?:the|our|also|here|how|section|fig|below|above|more|"
            r"\[|[A-Z\d\"'`\w]*[./_])|[:.]|$)|^See\b|[(;,] ?see\b|"
            r"\bplease (?:see|refer|check|read|visit|take|have|follow|note)\b|\brefer to\b|\bcheck(?:ing)? out\b|"
            r"\btake a look\b|\bhave a look\b|\blook (?:at|into)\b|\bfor (?:more )?(?:details?|examples?),? see\b|"
            r"\bfollow the (?:instructions|steps|guide)\b|\bthe [“\"][^”\"]+[”\"] (?:step|page|tab|section)\b",
            re.IGNORECASE,
        ),
        (
            r"\bhere\b|\b(?:previous|earlier|next|last|preceding|later|other|another) (?:section|chapter|step|example|"
            r"paragraph|page|table|command|sentence|point|question|guide)s?\b|\bearlier in\b|\bpreviously "
            r"(?:mentioned|described)\b|\b(?:mentioned|described|listed|discussed|shown|given|noted) (?:earlier|"
            r"before|previously|later|next)\b|\baforementioned\b|\bhereof\b|\bhereunder\b|\bherein\b|\bthereof\b|\bso "
            r"far\b",
            re.IGNORECASE,
        ),
        (r"\bthe (?:latter|former|same (?:way|thing|applies|goes|holds))\b", re.IGNORECASE),
        (r"\b(?:as well|too|either|though|instead)[.!]$", 0),
    )
]
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|«[^»]*»")


def dangling(quote: str) -> str | None:
    """Return what points outside the sentence ("it", "this model", "the table above"), or None if it stands alone."""
    bare = _QUOTED.sub(lambda match: '"' + "x" * (len(match[0]) - 2) + '"', quote).replace("’", "'")
    label = re.match(r"[A-Z][\w ,-]{2,40}: +", bare)
    for part in (bare, bare[label.end() :]) if label else (bare,):
        for pattern in _DANGLING:
            match = pattern.search(part)
            if match:
                return match[0].strip().lower()
    return None


_AHEAD = re.compile(
    r"\b(?:(?:in |as |with )?(?:the|these|this) following(?: way)?|as follows|like (?:this|so)|(?:shown )?below)\b|"
    r"\bthese(?= (?:commands|steps|\w+s)$)|\bthis(?= command$)",
    re.IGNORECASE,
)


def ahead(lead: str) -> str:
    """Return a lead-in without what points to the list or command behind it: with that at hand, it points nowhere."""
    return _AHEAD.sub("", re.sub(r"(?i)^here (?:are|is)\b", "X has", lead))
