"""What is said of a key that was put into the session's credentials."""

from lib.credentials.draft import Draft
from lib.settings.profiles import BoxAuth
from lib.ui.jwt_key.view_used import holds, sentences, use

OLD = Draft().put("box.private_key", "old key").put("box.passphrase", "old words")


def reported(draft: Draft, passphrase: str = "new words", key: str = "new key") -> str:
    after, used = use(draft, key, passphrase, made=False)
    assert holds(after, used)
    assert not holds(after.put("box.private_key", "another"), used)
    said = " ".join(sentences(used, after, "Acme"))
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
        (Draft(), "new words", "new key", "Still needed before you can try them: Client ID,"),
        (Draft(), "new words", "new key", "The profile in use is still “Acme”"),
        (Draft(), "", "new key", "It has no passphrase"),
        (OLD, "new words", "new key", "replaced the private key"),
        (OLD, "new words", "new key", "passphrase replaced the earlier one"),
        (OLD, "", "new key", "passphrase was removed"),
        (OLD, "old words", "old key", "already had this private key"),
        (OLD, "old words", "old key", "is unchanged"),
        (OLD.put("box.public_key_id", "k"), "", "new key", "still that of the earlier key"),
        (other_way, "new words", "new key", "now authenticates with JWT"),
        (whole, "new words", "new key", "They are complete. The profile in use is “Acme”"),
        (whole, "new words", "new key", "nothing was written to disk, and nothing was sent to Box"),
    ):
        assert sentence in reported(draft, passphrase, key), sentence
    for draft, sentence in (
        (Draft(), "now authenticates with JWT"),
        (whole, "still that of the earlier key"),
        (whole, "Still needed"),
    ):
        assert sentence not in reported(draft), sentence
