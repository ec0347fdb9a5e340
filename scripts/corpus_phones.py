"""One alphabet for all voices: ARPAbet, from espeak-ng's IPA, for whichever language, and from flite's symbols."""

# By ARPAbet symbol, those that mean it or come nearest: of espeak-ng's accents and foreign voices, then of flite.
SYMBOLS = {
    "SIL": "pause pau",
    "AA": "ɑː ɑ ɒ ɒː aː ɑ̃ aa",
    "AE": "æ a ae",
    "AH": "ʌ ə ɐ ɐ̃ ax ah",
    "AO": "ɔː ɔ o oː ɔ̃ oə ɔə ao",
    "AW": "aʊ æʊ au ɑʊ ɑə aw",
    "AY": "aɪ ai əɪ ɑɪ aɨ ay",
    "B": "b β",
    "CH": "tʃ tɕ ch",
    "D": "d d̪",
    "DH": "ð dh",
    "EH": "ɛ ε e ɛː ø œ øː œː eh",
    "ER": "ɜː ɜ ɚ əɹ ɜːɹ ʌɹ er",
    "EY": "eɪ eː ei ɛɪ æɪ ey",
    "F": "f",
    "G": "ɡ ɣ ɟ g",
    "HH": "h x χ hh",
    "IH": "ɪ ᵻ ɨ ɨː ʏ ih",
    "IY": "i iː y yː ie iy",
    "JH": "dʒ dʑ jh",
    "K": "k c q",
    "L": "l ʎ ɫ ɬ",
    "M": "m",
    "N": "n n̩ ɲ",
    "NG": "ŋ ng",
    "OW": "oʊ əʊ ou əu ʌʊ ow",
    "OY": "ɔɪ oɪ oi ɔɨ øy œy oy",
    "P": "p",
    "R": "ɹ r ʁ r̝",
    "S": "s ts ss",
    "SH": "ʃ ɕ ç ʂ sh",
    "T": "t ɾ t̪ t^ tʲ ʔ",
    "TH": "θ th",
    "UH": "ʊ ʊə uh",
    "UW": "u uː ʉ ʉː ɵ ɯ ui iʊ ʌʉ uw",
    "V": "v ʋ",
    "W": "w ʍ",
    "Y": "j",
    "Z": "z",
    "ZH": "ʒ ʝ zh",
}
# Two phones in one symbol; the first takes more than half.
PAIRS = {
    "ɑːɹ": "AA R",
    "ɔːɹ": "AO R",
    "oːɹ": "AO R",
    "ɛɹ": "EH R",
    "ɪɹ": "IH R",
    "ʊɹ": "UH R",
    "aɪə": "AY AH",
    "aɪɚ": "AY ER",
    "iə": "IH AH",
    "eə": "EH AH",
    "ɛə": "EH AH",
    "əl": "AH L",
}
FIRST_SHARE = 0.6
MARKS = "ʔ?ʲ̩̃:-"  # of stress, length and colour, where the whole symbol is not known
UNKNOWN = "SPN"  # spoken noise, as the CMU dictionary's models call it

ARPABET = {symbol: phone for phone, symbols in SYMBOLS.items() for symbol in symbols.split()}


def arpabet(symbol: str) -> list[str]:
    if symbol in PAIRS:
        return PAIRS[symbol].split()
    bare = symbol.strip(MARKS)
    for part in (symbol, bare, bare[:2], bare[:1]):
        if part in ARPABET:
            return [ARPABET[part]]
    return [UNKNOWN]


def as_arpabet(phones: list[tuple[str, float]], others: dict[str, str] | None = None) -> list[tuple[str, float]]:
    """From (symbol, its end in seconds), in turn; `others`: symbols that mean another phone here. Neighbours that become
    the same phone become one."""
    merged, start = [], 0.0
    for symbol, end in phones:
        found = [others[symbol]] if others and symbol in others else arpabet(symbol)
        middle = start + (end - start) * FIRST_SHARE
        for phone, stop in zip(found, [end] if len(found) == 1 else [middle, end]):
            if merged and merged[-1][0] == phone:
                merged.pop()
            merged.append((phone, stop))
        start = end
    return merged
