"""What is said of a key that was put into the session's credentials."""

from lib.credentials.draft import Draft
from lib.settings.profiles import BoxAuth
from lib.ui.jwt_key.view_used import holds, use, words

OLD = Draft().put("box.private_key", "old key").put("box.passphrase", "old words")


def told(draft: Draft, passphrase: str = "new words", key: str = "new key") -> str:
    after, used = use(draft, key, passphrase, made=False)
    assert holds(after, used)
    assert not holds(after.put("box.private_key", "another"), used)
    said = " ".join(words(used, after, "Acme"))
    assert not any(secret in said for secret in (key, "new words", "old key", "old words"))
    return said


def test_each_change_is_said() -> None:
    whole = Draft()
    for name in ("client_id", "client_secret", "public_key_id", "enterprise_id"):
        whole = whole.put(f"box.{name}", "1")
    other_way = Draft().put("box.client_id", "1").with_auth(BoxAuth.CCG)
    for draft, passphrase, key, sentence in (
        (Draft(), "new words", "new key", "is now the private key"),
        (Draft(), "new words", "new key", "passphrase was added"),
        (Draft(), "new words", "new key", "Still needed before they can be tried: Client ID,"),
        (Draft(), "new words", "new key", "The profile in use is still “Acme”"),
        (Draft(), "", "new key", "It has no passphrase"),
        (OLD, "new words", "new key", "replaced the private key"),
        (OLD, "new words", "new key", "passphrase replaced the one"),
        (OLD, "", "new key", "taken away"),
        (OLD, "old words", "old key", "had this private key already"),
        (OLD, "old words", "old key", "same as before"),
        (OLD.put("box.public_key_id", "k"), "", "new key", "still that of the earlier key"),
        (other_way, "new words", "new key", "proves itself with JWT now"),
        (whole, "new words", "new key", "They are complete. The profile in use is “Acme”"),
        (whole, "new words", "new key", "nothing was written to disk, and nothing was sent to Box"),
    ):
        assert sentence in told(draft, passphrase, key), sentence
    for draft, sentence in (
        (Draft(), "proves itself with JWT now"),
        (whole, "still that of the earlier key"),
        (whole, "Still needed"),
    ):
        assert sentence not in told(draft), sentence
