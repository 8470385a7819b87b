/// The use of one caller, one address or all together.
struct ScopeUsage: Sendable {
    var requests = CellRate.unused
    var tokens = CellRate.unused
    var running = 0
}
