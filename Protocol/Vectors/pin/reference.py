"""Computes the vectors of this folder, apart from the daemon's code.

Needs Python 3 and the package "cryptography". Run it in this folder: it writes format4.json,
refused.json and components.json, the same bytes every time.
"""

import hashlib
import json

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.keywrap import aes_key_wrap

CIPHERS = {"AES_128": algorithms.AES, "SM4": algorithms.SM4}


def fixed(label, count):
    """Bytes that look random and are the same on every run."""
    return hashlib.sha256(label.encode()).digest()[:count]


def encrypt(algorithm, key, block):
    return Cipher(CIPHERS[algorithm](key), modes.ECB()).encryptor().update(block)


def decrypt(algorithm, key, block):
    return Cipher(CIPHERS[algorithm](key), modes.ECB()).decryptor().update(block)


def check_value(algorithm, key):
    code = CMAC(CIPHERS[algorithm](key))
    code.update(bytes(16))
    return code.finalize()[:3]


def add(left, right):
    return bytes(a ^ b for a, b in zip(left, right))


def pin_field(pin, fill):
    return bytes.fromhex("4%x" % len(pin) + pin + "a" * (14 - len(pin))) + fill


def pan_field(card):
    digits = card.rjust(12, "0")
    return bytes.fromhex(("%x" % (len(digits) - 12) + digits).ljust(32, "0"))


def with_check_digit(digits):
    total = 0
    for position, character in enumerate(reversed(digits)):
        digit = int(character) * (2 if position % 2 == 0 else 1)
        total += digit - 9 if digit > 9 else digit
    return digits + str(-total % 10)


def vector(name, source, algorithm, master, key, card, pin, fill):
    first = pin_field(pin, fill)
    a = encrypt(algorithm, key, first)
    b = add(a, pan_field(card))
    return {
        "name": name, "source": source, "algorithm": algorithm,
        "masterKey": master.hex(), "wrappedKey": aes_key_wrap(master, key).hex(),
        "checkValue": check_value(algorithm, key).hex(), "pinKey": key.hex(),
        "card": card, "pin": pin, "fill": fill.hex(), "pinField": first.hex(),
        "panField": pan_field(card).hex(), "intermediateA": a.hex(), "intermediateB": b.hex(),
        "block": encrypt(algorithm, key, b).hex(),
    }


def worked():
    """The examples of PINBlock.md."""
    for algorithm in CIPHERS:
        yield vector(
            "worked-" + algorithm, "PINBlock.md", algorithm, bytes(range(16)),
            bytes(range(16, 32)), with_check_digit("622848001234567"), "246810",
            bytes.fromhex("0123456789abcdef"))


def published():
    master = bytes.fromhex("000102030405060708090a0b0c0d0e0f")
    fill = bytes.fromhex("2f69adde2e9e7ace")
    keys = [
        ("af8cb133a78f8dc2d1359f18527593fb", "a912150391ab65a67e52883d81ce2d15"),
        ("d30bdc73ec9714b000bec66bdb7b6d09", "52a00503bd34ba1383f6a7ee9fe2547f"),
        ("7d69f01f3b45449f62c7816ece723268", "a5a27e82b43a9a866a93d7abe89cef93"),
    ]
    for number, (key, block) in enumerate(keys, 1):
        found = vector(
            f"published-x9.24-{number}", "ANSI X9.24-3:2017 test vectors, AES-128 working key "
            f"{number}; master key and wrapped key added here", "AES_128", master,
            bytes.fromhex(key), "4111111111111111", "1234", fill)
        assert found["block"] == block
        yield found
    key, block = "c1d0f8fb4958670dba40ab1f3752ef0d", "cc17f65586bfd0953010226c4fc5b3ca"
    card = "432198765432109870"
    opened = decrypt("AES_128", bytes.fromhex(key), add(
        decrypt("AES_128", bytes.fromhex(key), bytes.fromhex(block)), pan_field(card)))
    found = vector(
        "published-ep2", "eft/pos 2000 Security Specification 8.0.0, 8.4; master key and wrapped "
        "key added here", "AES_128", master, bytes.fromhex(key), card, "1234", opened[8:])
    assert found["block"] == block
    yield found


def own():
    for algorithm in CIPHERS:
        for card_digits in range(10, 20):
            for pin_digits in range(4, 13):
                name = f"{algorithm}-card{card_digits}-pin{pin_digits}"
                number = "9" + str(int.from_bytes(fixed(name + "card", 16), "big"))
                pin = str(int.from_bytes(fixed(name + "pin", 16), "big"))[:pin_digits]
                yield vector(
                    name, "reference.py", algorithm, fixed(name + "master", 16),
                    fixed(name + "key", 16), with_check_digit(number[:card_digits - 1]), pin,
                    fixed(name + "fill", 8))


def refused():
    card, other = with_check_digit("622848001234567"), with_check_digit("622848001234568")
    fill = fixed("refused fill", 8)
    fields = [
        ("control nibble 3, not 4", "341234aaaaaaaaaa"),
        ("PIN length 3", "43123aaaaaaaaaaa"),
        ("PIN length 13", "4d1234567890123a"),
        ("PIN length 15", "4f12345678901234"),
        ("PIN length 0", "40aaaaaaaaaaaaaa"),
        ("a PIN digit of ten", "4412a4aaaaaaaaaa"),
        ("the last PIN digit of fifteen", "4c12345678901faa"),
        ("filler eleven, not ten", "441234bbbbbbbbbb"),
        ("one filler nibble of zero", "441234aaaaaaaaa0"),
        ("a digit after the PIN", "4412345aaaaaaaaa"),
    ]
    for algorithm in CIPHERS:
        key = fixed("refused key " + algorithm, 16)

        def case(reason, block):
            return {
                "reason": reason, "algorithm": algorithm, "pinKey": key.hex(), "card": card,
                "block": block.hex(),
            }

        def sealed(field, under, bound):
            return encrypt(algorithm, under, add(
                encrypt(algorithm, under, field), pan_field(bound)))

        good = pin_field("123456", fill)
        for reason, half in fields:
            yield case(reason, sealed(bytes.fromhex(half) + fill, key, card))
        whole = sealed(good, key, card)
        yield case("made for another card", sealed(good, key, other))
        yield case("made under another key", sealed(good, fixed("another key", 16), card))
        yield case("first bit turned", bytes([whole[0] ^ 0x80]) + whole[1:])
        yield case("last bit turned", whole[:15] + bytes([whole[15] ^ 1]))
        yield case("cut to 15 bytes", whole[:15])
        yield case("17 bytes", whole + b"\0")
        yield case("empty", b"")
        yield case("encrypted once only", encrypt(algorithm, key, good))


def components():
    for count in (2, 3):
        parts = [fixed(f"component {count} {number}", 16) for number in range(count)]
        key = bytes(16)
        for part in parts:
            key = add(key, part)
        yield {
            "masterKey": key.hex(), "checkValue": check_value("AES_128", key).hex(),
            "components": [
                {"key": part.hex(), "checkValue": check_value("AES_128", part).hex()}
                for part in parts
            ],
        }


def write(name, entries):
    with open(name, "w", encoding="ascii") as file:
        json.dump(list(entries), file, indent=1)
        file.write("\n")


write("format4.json", list(worked()) + list(published()) + list(own()))
write("refused.json", refused())
write("components.json", components())
