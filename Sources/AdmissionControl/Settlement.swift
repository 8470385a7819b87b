/// How a request ended, as far as its limits go.
struct Settlement {
    let estimated: Int
    /// Tokens that were used; nil if unknown, then the estimate stays.
    let used: Int?
    let now: Int64
}
