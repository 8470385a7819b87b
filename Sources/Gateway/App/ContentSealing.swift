import APITranslation
import Crypto

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Seals what clients keep unread (`encrypted_content`), with ChaCha20-Poly1305.
struct ContentSealing: Sendable {
    private let key: SymmetricKey

    /// Under the operator's secret, or under one that was kept, or under a random one that ends with the process.
    init(secret: String?, kept: [UInt8]?) {
        if let secret {
            key = HKDF<SHA256>.deriveKey(
                inputKeyMaterial: SymmetricKey(data: Data(secret.utf8)),
                info: Data("dashscope-gateway encrypted_content".utf8),
                outputByteCount: 32
            )
        } else {
            key = kept.map { SymmetricKey(data: $0) } ?? SymmetricKey(size: .bits256)
        }
    }

    /// The seal of one caller.
    func seal(of owner: UInt64) -> ContentSeal {
        let key = key
        @Sendable func context(_ purpose: ContentSeal.Purpose) -> Data {
            Data(purpose.rawValue.utf8) + withUnsafeBytes(of: owner.littleEndian) { Data($0) }
        }
        return ContentSeal(
            close: { plain, purpose in
                // It fails for no input.
                (try? ChaChaPoly.seal(plain, using: key, authenticating: context(purpose))).map { Array($0.combined) }
                    ?? []
            },
            open: { sealed, purpose in
                guard let box = try? ChaChaPoly.SealedBox(combined: sealed) else { return nil }
                return (try? ChaChaPoly.open(box, using: key, authenticating: context(purpose))).map { Array($0) }
            }
        )
    }
}
