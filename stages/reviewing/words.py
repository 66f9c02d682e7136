"""What the names of gates and scores mean, in words for a reviewer."""

SCORES = {  # of a pair, which are shown, in this order
    "rank": "log-odds that the pair is valid, as estimated",
    "gain": "nats a token by which the question makes the answer more likely",
    "coverage": "share of the answer's words that the evidence holds",
    "gives_away": "share of the answer's words that the question holds",
    "judge": "a judge's lowest mean mark, 0 to 1",
    "round_trip": "match of the answer given again from the evidence, 0 to 1",
}
REASONS = {  # of the stage `decide`
    "two_questions": "it asks two things",
    "not_a_question": "it is no question",
    "heading": "the question is but the heading",
    "dangling": "it points at something that is not there",
    "answer_too_long": "the answer has too many words",
    "cut_off": "it ends in the middle",
    "dangling_list": "it announces a list that does not come",
    "off_topic": "it shares no word with its evidence",
    "gives_away": "the question holds the answer",
    "bad_link": "it has a link that the document does not have",
    "ungrounded": "the evidence does not hold the answer's words, or a number, name, flag or unit of it",
    "negated": "it says the opposite of the evidence",
    "swapped": "it gives to one what the evidence gives to another",
    "foreign_name": "the question names what the evidence does not",
    "abbreviation": "it has an abbreviation that nothing spells out",
    "wrong_language": "it is in another language",
    "personal_data": "it holds personal data",
    "low_rank": "it is less likely a valid pair than is asked for",
    "low_gain": "the question tells too little of the answer",
    "judge": "it was marked low by a judge",
    "round_trip": "it was answered otherwise from its evidence",
    "conflict": "it has another answer elsewhere, which contradicts this one",
    "rejected_by_person": "somebody decided so",
}
DOUBTS = {  # why a pair is in the review queue, where that is not the name of a score above
    "other_language": "it may be in another language",
    "conflict": "its question has another answer, too",
    "reviewers": "reviewers disagree",
}
