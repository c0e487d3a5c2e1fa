"""Perplexity of the grammar on a text, for Tests/DatasetsTests/GrammarTests.swift.

    python3 Tests/Reference/grammar-values.py grammar/grammar.test.txt

Reads each sentence with a parser of its own and adds the probabilities of all its derivations, so
that it also shows that there is only one. The rules are those that GrammarSentence.swift states.
"""
import math
import re
import sys
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

LEXICON = Path(__file__).parents[2] / "Sources/Datasets/GrammarLexicon.swift"
text = LEXICON.read_text()
strings = re.findall(r'"([^"]*)"', text[text.index("static let classes"):])
CLASSES = [[part.split() for part in strings[4 * c:4 * c + 4]] for c in range(8)]
SINGULAR, PLURAL, PREPOSITIONS, ADVERBS = (part.split() for part in strings[32:36])
PAIRS = list(zip(strings[36:48:2], strings[37:48:2], [4, 3, 2, 2, 1, 1]))
DEEPEST = 2


def rank(words, word):
    if word not in words:
        return Fraction(0)
    return Fraction(1, words.index(word) + 1) / sum(Fraction(1, r + 1) for r in range(len(words)))


class Parser:
    """Each rule gives {(end, what it agrees with): probability summed over derivations}."""

    def __init__(self, words):
        self.words = words
        for name in ("sentence", "clause", "np", "vp"):
            setattr(self, name, lru_cache(None)(getattr(self, name)))

    def at(self, i):
        return self.words[i] if i < len(self.words) else None

    @staticmethod
    def add(table, key, p):
        if p:
            table[key] = table.get(key, 0) + p

    def sentence(self, i, depth, ref):
        found, half = {}, Fraction(0)
        if depth < 2:
            half = Fraction(30 if depth == 0 else 10, 100)
            for opener, closer, weight in PAIRS:
                if self.at(i) != opener:
                    continue
                for (j, subject), p in self.sentence(i + 1, depth + 1, ref).items():
                    if self.at(j) != closer:
                        continue
                    for (k, _), q in self.sentence(j + 1, depth + 1, subject).items():
                        self.add(found, (k, subject), half * Fraction(weight, 13) * p * q)
        for key, p in self.clause(i, ref).items():
            self.add(found, key, (1 - half) * p)
        return found

    def clause(self, i, ref):
        found, share = {}, Fraction(1)
        if ref is not None:
            share = Fraction(40, 100)
            if self.at(i) == ("they" if ref[1] else "it"):
                for j, p in self.vp(i + 1, ref, 0).items():
                    self.add(found, (j, ref), (1 - share) * p)
        for (j, subject), p in self.np(i, None, 0, False).items():
            for k, q in self.vp(j, subject, 0).items():
                self.add(found, (k, subject), share * p * q)
        return found

    def np(self, i, kind, depth, bare):
        found = {}
        for c in range(8) if kind is None else [kind]:
            nouns, _, _, adjectives = CLASSES[c]
            for plural in (False, True):
                p = Fraction(1, 8 if kind is None else 1) * Fraction(40 if plural else 60, 100)
                p *= Fraction(1, 2) * (
                    1 if self.at(i) == "the" else rank(PLURAL if plural else SINGULAR, self.at(i)))
                forms = [noun + "s" * plural for noun in nouns]
                plain = Fraction(75, 100) * rank(forms, self.at(i + 1))
                adjective = Fraction(25, 100) * rank(adjectives, self.at(i + 1)) * rank(
                    forms, self.at(i + 2))
                for end, q in ((i + 2, p * plain), (i + 3, p * adjective)):
                    if q:
                        self.modified(found, end, (c, plural), depth, bare, q)
        return found

    def modified(self, found, i, noun, depth, bare, p):
        if bare:
            return self.add(found, (i, noun), p)
        inner = depth < DEEPEST
        total = 100 if inner else 65
        self.add(found, (i, noun), p * Fraction(30, total))
        q = p * Fraction(35, total) * rank(PREPOSITIONS, self.at(i))
        if q:
            for (j, _), r in self.np(i + 1, None, depth, True).items():
                self.add(found, (j, noun), q * r)
        if inner and self.at(i) == "that":
            for j, r in self.vp(i + 1, noun, depth + 1).items():
                self.add(found, (j, noun), p * Fraction(15, total) * r)
            for (j, subject), r in self.np(i + 1, None, depth + 1, False).items():
                verb = rank(self.forms(subject, 2), self.at(j))
                self.add(found, (j + 1, noun), p * Fraction(20, total) * r * verb)

    @staticmethod
    def forms(subject, part):
        return [verb + ("" if subject[1] else "s") for verb in CLASSES[subject[0]][part]]

    def vp(self, i, subject, depth):
        found = {}
        adverb = Fraction(30, 100) * rank(ADVERBS, self.at(i))
        for j, p in ((i, Fraction(70, 100)), (i + 1, adverb)):
            if not p:
                continue
            self.add(found, j + 1, p / 2 * rank(self.forms(subject, 1), self.at(j)))
            q = p / 2 * rank(self.forms(subject, 2), self.at(j))
            for step, share in ((1, Fraction(75, 100)), (2, Fraction(25, 100))):
                if q:
                    for (k, _), r in self.np(j + 1, (subject[0] + step) % 8, depth + 1, False).items():
                        self.add(found, k, q * share * r)
        return found


nats, tokens = 0.0, 0
for line in Path(sys.argv[1]).read_text().splitlines():
    words = line.split()
    whole = [p for (end, _), p in Parser(words).sentence(0, 0, None).items() if end == len(words)]
    assert whole, line
    total = sum(whole)
    nats -= math.log(total.numerator) - math.log(total.denominator)
    tokens += len(words) + 1
print("tokens", tokens)
print("perplexity", repr(math.exp(nats / tokens)))
