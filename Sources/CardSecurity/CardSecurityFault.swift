import COpenSSL

/// Why card cryptography or the key store cannot go on: what, which file, what to do.
///
/// No case carries a key, a PIN, a passphrase or a card number.
public enum CardSecurityFault: Error, Sendable, Hashable {
    /// libcrypto refused an operation: an algorithm its providers lack, or no memory.
    case library(operation: String, detail: String)
    /// A key, wrapped key or component does not have a length that the operation takes.
    case lengthWrong(of: String, bytes: Int, expected: String)
    /// A wrapped key was not made under this key, or was changed.
    case unwrapFailed
    /// A key came out whole, but its check value is another: a wrong component or master key.
    case checkValueDiffers(of: String)
    /// Text that should be hexadecimal digits is not.
    case notHexadecimal(String)
    /// A PIN is 4 to 12 digits.
    case pinMalformed
    /// The terminal has no master key in the vault.
    case terminalUnknown(String)
    /// The terminal has a master key already; replace it explicitly.
    case terminalExists(String)
    /// A terminal identifier is 1 to 32 printable ASCII characters.
    case terminalMalformed
    /// The vault has no verification key of this number, or it is the current one.
    case verificationKeyUnknown(UInt16)
    /// The current verification key cannot be retired before another one is current.
    case verificationKeyInUse(UInt16)
    /// A verification key becomes current only after those before it: values move upwards.
    case verificationKeyOlder(UInt16)
    /// The key store has no record key, as an earlier version of this program made it.
    case recordKeyMissing(path: String)
    /// The vault has no record key of this number.
    case recordKeyUnknown(UInt16)
    /// A record key becomes current only after those before it.
    case recordKeyOlder(UInt16)
    /// The file lacks a record key that is in use here, or has another one under its number.
    case recordKeysDiffer(path: String)
    /// The terminal named the check value of a master key that is not its own here.
    case masterKeyDiffers(String)
    /// The store holds as much as it can of this.
    case full(String, limit: Int)
    /// The file is not there.
    case fileMissing(path: String)
    /// The file is there already and will not be overwritten.
    case fileExists(path: String)
    /// Group or others may use the file; `mode` is its permission bits.
    case permissionsTooOpen(path: String, mode: UInt32)
    /// The file belongs to another user than the one who runs this.
    case foreignOwner(path: String, owner: UInt32)
    /// A system call on the file failed.
    case file(path: String, operation: String, errno: Int32)
    /// The file is none of this program's key stores.
    case notAKeyStore(path: String)
    /// The key store was written by a later version of this program.
    case versionUnknown(path: String, version: UInt8)
    /// The key-encryption key or passphrase is wrong, or the file was changed: one cannot tell.
    case cannotUnseal(path: String)
    /// The key store needs this kind of key-encryption key, and another one was given.
    case sourceDiffers(path: String, needs: String)
    /// A key-encryption key file is 32 bytes or 64 hexadecimal digits, and this one is not.
    case keyFileMalformed(path: String)
    /// A passphrase file holds no passphrase.
    case passphraseFileMalformed(path: String)
    /// The service manager passed no credentials directory.
    case credentialsUnavailable(name: String)
    /// A name of a credential is a file name without a path.
    case credentialNameMalformed
    /// A passphrase needs at least this many bytes.
    case passphraseTooShort(bytesMin: Int)
}

extension CardSecurityFault: CustomStringConvertible {
    /// One sentence for a log or a technician: what is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .library(let operation, let detail):
            "libcrypto cannot do \(operation): \(detail); check the installed OpenSSL 3 and its "
                + "providers"
        case .lengthWrong(let what, let bytes, let expected):
            "\(what) has \(bytes) bytes, expected \(expected)"
        case .unwrapFailed:
            "the wrapped key was not made under this key or was changed; check the terminal master "
                + "key on both sides"
        case .checkValueDiffers(let what):
            "\(what) does not have the expected check value; enter the components again"
        case .notHexadecimal(let what):
            "\(what) is not hexadecimal digits"
        case .pinMalformed:
            "a PIN is 4 to 12 digits"
        case .terminalUnknown(let terminal):
            "terminal \(terminal) has no master key; register it and inject one"
        case .terminalExists(let terminal):
            "terminal \(terminal) has a master key already; replace it explicitly"
        case .terminalMalformed:
            "a terminal identifier is 1 to 32 printable ASCII characters"
        case .verificationKeyUnknown(let number):
            "there is no verification key \(number)"
        case .verificationKeyInUse(let number):
            "verification key \(number) is the current one; rotate before retiring it"
        case .verificationKeyOlder(let number):
            "verification key \(number) is not newer than the current one"
        case .recordKeyUnknown(let number):
            "there is no record key \(number) in the key store; copy the key store of the daemon "
                + "that made it"
        case .recordKeyOlder(let number):
            "record key \(number) is not newer than the current one"
        case .masterKeyDiffers(let terminal):
            "terminal \(terminal) holds another master key than the one here; inject it again"
        case .full(let what, let limit):
            "the key store holds its most, \(limit), of \(what)"
        case .credentialsUnavailable(let name):
            "credential \(name): CREDENTIALS_DIRECTORY is not set; start under a service manager "
                + "with LoadCredential=\(name):... or name a key file"
        case .credentialNameMalformed:
            "a credential's name is a file name without a path"
        case .passphraseTooShort(let least):
            "a passphrase needs at least \(least) bytes"
        default:
            fileDescription
        }
    }

    private var fileDescription: String {
        switch self {
        case .fileMissing(let path):
            "\(path): no such file; create it or correct the path"
        case .fileExists(let path):
            "\(path): exists already and is not overwritten; move it away first"
        case .permissionsTooOpen(let path, let mode):
            "\(path): mode \(String(mode, radix: 8)) lets others use it; run: chmod 600 \(path)"
        case .foreignOwner(let path, let owner):
            "\(path): belongs to user \(owner), not to the user who runs this; run: chown"
        case .file(let path, let operation, let errno):
            "\(path): cannot \(operation): \(SystemCall.text(of: errno))"
        case .notAKeyStore(let path):
            "\(path): not a key store, or cut short; restore it from a backup"
        case .versionUnknown(let path, let version):
            "\(path): key store version \(version) is newer than this program; upgrade the program"
        case .cannotUnseal(let path):
            "\(path): the key-encryption key is wrong or the file was changed; check the key, else "
                + "restore the file from a backup"
        case .sourceDiffers(let path, let needs):
            "\(path): sealed under \(needs); give that one"
        case .recordKeyMissing(let path):
            "\(path): has no record key, as it was made by an earlier version; run: settlectl key "
                + "rotate record"
        case .recordKeysDiffer(let path):
            "\(path): lacks a record key that is in use; restore the file, or copy the key store of "
                + "the daemon that has every key"
        case .keyFileMalformed(let path):
            "\(path): a key-encryption key is 32 bytes or 64 hexadecimal digits"
        case .passphraseFileMalformed(let path):
            "\(path): holds no passphrase"
        default:
            "card security fault"
        }
    }
}

/// libcrypto's error queue of this thread as a fault; the queue is empty afterwards.
enum LibraryFailure {
    static func take(_ operation: String) -> CardSecurityFault {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        let detail = ERR_reason_error_string(code).map { String(cString: $0) }
        return .library(operation: operation, detail: detail ?? "no reason given")
    }
}
