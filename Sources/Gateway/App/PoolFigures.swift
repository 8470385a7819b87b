/// What one event loop's connections to upstream are doing.
struct PoolFigures: Sendable {
    var active: Int
    var idle: Int
    var waiting: Int
    var opened: Int
}
