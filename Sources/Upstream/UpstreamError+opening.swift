import NIOCore
import NIOSSL

extension UpstreamError {
    /// Why no connection was made.
    package init(connecting error: any Error, viaProxy: Bool) {
        if case .some(.connectTimeout) = error as? ChannelError {
            self.init(.connectTimeout, detail: "\(error)", isSafeToRepeat: true)
        } else if let shortage = LocalShortage.describe(error) {
            self.init(.noResources, detail: shortage)
        } else {
            self.init(viaProxy ? .proxyUnreachable : .unreachable, detail: "\(error)", isSafeToRepeat: true)
        }
    }

    /// Why a connection that was made could not be used; nil where it was just closed.
    package init(opening failure: (any Error)?) {
        // A certificate that is not trusted, or another's, will be so the next time.
        if let error = failure as? NIOSSLExtraError, error == .failedToValidateHostname {
            self.init(.certificateOfAnotherHost)
        } else if let failure, failure is NIOSSLError || failure is NIOSSLExtraError {
            self.init(.tlsFailed, detail: "\(failure)")
        } else {
            let detail = failure.map { "\($0)" } ?? "closed while it was opened"
            self.init(.unreachable, detail: detail, isSafeToRepeat: true)
        }
    }
}
