/// Which objects of a list are wanted: those of one owner whose ids begin alike, by the time of their creation.
package struct StoredPage: Sendable, Equatable {
    package var prefix: String
    package var limit: Int
    package var isAscending: Bool
    /// The id behind which the page begins.
    package var after: String?

    package init(prefix: String, limit: Int, isAscending: Bool = false, after: String? = nil) {
        self.prefix = prefix
        self.limit = limit
        self.isAscending = isAscending
        self.after = after
    }
}

/// A page of objects, and whether others follow.
package struct StoredList: Sendable, Equatable {
    package var objects: [StoredObject]
    package var hasMore: Bool

    /// Takes one object more than was wanted, where there is one.
    init(_ objects: [StoredObject], of page: StoredPage) {
        self.objects = Array(objects.prefix(page.limit))
        hasMore = objects.count > page.limit
    }
}
