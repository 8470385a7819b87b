/// Trouble with a temporary upload that a caller asks for by the name of the model.
enum UploadFault: Equatable, Sendable {
    /// No policy is given out.
    case policyFails
    /// The policy has expired when it is given out.
    case policyExpired
    /// The upload is answered with 500.
    case fails
    /// The connection is closed instead of an answer to the upload.
    case closes
    /// Objects may have so many megabytes.
    case limit(Int)

    static func named(_ name: String) -> UploadFault? {
        if name.hasPrefix("upload-limit-"), let limit = Int(name.dropFirst(13)), limit > 0 { return .limit(limit) }
        return switch name {
        case "upload-policy-fails": .policyFails
        case "upload-policy-expired": .policyExpired
        case "upload-fails": .fails
        case "upload-closes": .closes
        default: nil
        }
    }
}
