import FuzzTargets
import Foundation

// What libFuzzer calls; see scripts/fuzz.sh. GATEWAY_FUZZ_TARGET names the target.

private let target = ProcessInfo.processInfo.environment["GATEWAY_FUZZ_TARGET"].flatMap(FuzzTarget.init(rawValue:))

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    guard let target else { preconditionFailure("GATEWAY_FUZZ_TARGET names no target") }
    // A block of its own size, so that the sanitizer sees a read behind its end.
    if let broken = target.run(UnsafeRawBufferPointer(start: data, count: size)) { preconditionFailure(broken) }
    return 0
}
