import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.quality import privacy

SECRET = "hf_" + "aB3dE5gH7jK9mN1pQ3sT5vW7"  # joined here so that no scanner takes this file for a leak


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Write to jane.doe+faq@company.co.uk today.", "EMAIL", "jane.doe+faq@company.co.uk"),
        ("mailto:jane@company.io", "EMAIL", "jane@company.io"),
        ("Call +1 650-253-0000 for help.", "PHONE", "+1 650-253-0000"),
        ("Call +49 30 901820 for help.", "PHONE", "+49 30 901820"),
        ("Call (650) 253-0000 for help.", "PHONE", "(650) 253-0000"),
        ("Card 4111 1111 1111 1111 was used.", "CARD", "4111 1111 1111 1111"),
        ("Card 5500-0055-5555-5559.", "CARD", "5500-0055-5555-5559"),
        ("Pay to DE89 3704 0044 0532 0130 00 please.", "IBAN", "DE89 3704 0044 0532 0130 00"),
        ("Pay to GB82WEST12345698765432.", "IBAN", "GB82WEST12345698765432"),
        ("SSN 536-22-8726 on file", "SSN", "536-22-8726"),
        ("The host is 52.95.110.1, port 80.", "IP", "52.95.110.1"),
        ("The host is 2a00:1450:4001:81b::200e.", "IP", "2a00:1450:4001:81b::200e"),
        (f"export HF_TOKEN={SECRET}", "SECRET", SECRET),
        ("AKIA" + "IOSFODNN7EXAMPL3 is the key", "SECRET", "AKIA" + "IOSFODNN7EXAMPL3"),
        ("https://bot:s3cr3tpw@git.company.com/x", "SECRET", "bot:s3cr3tpw"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIEow0B1\n-----END RSA PRIVATE KEY-----", "SECRET", None),
    ],
)
def test_finds(text, kind, value):
    hits = privacy.find(text)
    assert [hit.kind for hit in hits] == [kind]
    assert value is None or text[hits[0].start : hits[0].end] == value


@pytest.mark.parametrize(
    "text",
    [
        "Transformers version 4.31.0 or later, driver 535.104.05, and build 10.0.19041.1 of Windows",
        "The server listens on 127.0.0.1:8000, 0.0.0.0, 192.168.1.20, 10.0.0.1 or [::1]:80.",
        "Documentation uses 192.0.2.1 and 2001:db8::1.",
        "id 123e4567-e89b-12d3-a456-426614174000",
        "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "doi:10.1145/3442188.3445922 and arXiv 2307.09288, 2212.10560",
        "jane@example.com, bob@mail.example.org and root@localhost",
        "git clone git@github.com:facebookresearch/llama.git",
        "image@2x.png and package@1.2.3 and repo/image@sha256:abcdef0123456789",
        "hf_xxxxxxxxxxxxxxxxxxxxxxxx or sk-your-key-goes-here-please",
        "https://user:password@host.com/path",
        "trained with the Adam optimizer on Dask and Ray",
        "| Llama 2 7B | 184320 | 400 | 31.22 |\n| Llama 2 70B | 1720320 | 400 | 291.42 |",
        "| 2048 4096 8192 | 100 200 3000 | 650 253 0000 |",
        "the famous number 219-09-9999 and the date 2023-07-18, 18.07.2023, 07/18/2023",
        "12:30:45 and std::vector and a::b and 00:1a:2b:3c:4d:5e",
        "order 1234 5678 9012 3456 and 1111 1111 1111 1111 and 1689689689689",
        "ISBN 978-3-16-148410-0, ISSN 2049-3630, RFC 2606, port 8080-8090, range 100-200-3000",
        "learning rate 3.0e-4, 1.5 x 10-4, 2.0T tokens, 3311616 hours, 539.00 tonnes",
        "torch==2.13.1.4 and numpy>=1.26.4.0, v1.2.3.4",
        "seed 42424242424242 and timestamp 1700000000000 and 20230718123456",
        "FP16 BF16 INT8 A100-80GB RTX4090 GB200 NL19 CH340",
        "expandable_segments:True, cuda:0, localhost:5000, file:///tmp/x",
        "commit 1a2b3c4d5e6f, tag v0.3.1-rc.2, revision 01c7f73d771dfac7d292323805ebc428287df4f9",
    ],
)
def test_no_false_alarm_on_technical_text(text):
    assert [(hit.kind, text[hit.start : hit.end]) for hit in privacy.find(text)] == []


def test_mask_puts_typed_placeholders():
    text, hits = privacy.mask("Ask jane@company.io or +1 650-253-0000.")
    assert text == "Ask [EMAIL] or [PHONE]."
    assert [hit.kind for hit in hits] == ["EMAIL", "PHONE"]


@pytest.mark.parametrize("pattern", ["Support@Vendor.com", "*@vendor.com", "+1 (650) 253-0000"])
def test_public_contacts_on_the_allow_list_stay(pattern):
    text = "Ask support@vendor.com or +1 650-253-0000."
    masked, hits = privacy.mask(text, allow=[pattern])
    assert len(hits) == 1
    assert ("support@vendor.com" in masked) == ("@" in pattern)


def test_national_phones_only_of_the_regions_asked_for():
    assert privacy.find("Call 030-901820 now.", regions=()) == []
    assert [hit.kind for hit in privacy.find("Call 030-901820 now.", regions=("DE",))] == ["PHONE"]


@given(st.text(alphabet="0123456789+-. ()@abcDE:/_\n", max_size=80))
def test_finds_never_overlap_and_the_rest_is_kept(text):
    masked, hits = privacy.mask(text)
    assert all(a.end <= b.start for a, b in zip(hits, hits[1:], strict=False))
    bounds = [0, *(edge for hit in hits for edge in (hit.start, hit.end)), len(text)]
    rest = [text[start:end] for start, end in zip(bounds[::2], bounds[1::2], strict=True)]
    expected = "".join(part + f"[{hit.kind}]" for part, hit in zip(rest, hits, strict=False)) + rest[-1]
    assert masked == expected


def test_what_a_masked_text_still_holds_is_not_new():
    known = "Write to Help@company.io, or call +1 650-253-0000."
    assert privacy.find_new("help@company.io or +1 650-253-0000", known) == []
    assert [hit.kind for hit in privacy.find_new("jane.help@company.io", known)] == ["EMAIL"]
    assert [hit.kind for hit in privacy.find_new("help@company.io", "Write to jane.help@company.io")] == ["EMAIL"]
    assert [hit.kind for hit in privacy.find_new("help@company.io", "Write to help@company.io.uk")] == ["EMAIL"]


@given(st.from_regex(privacy._SECRETS))
def test_every_secret_holds_a_mark_by_which_it_is_looked_for(text):
    assert any(mark in text for mark in privacy._MARKS)
