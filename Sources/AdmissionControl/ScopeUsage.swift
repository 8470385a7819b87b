/// What one caller, one address or all together have taken.
struct ScopeUsage: Sendable {
    var requests = CellRate.unused
    var tokens = CellRate.unused
    var running = 0
}
