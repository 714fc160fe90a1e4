import Platform

extension LocalDatabase {
    package func tablets(of table: String, _ context: Context) async throws(DatabaseError)
        -> [TabletDescription]
    { throw .unsupported("") }
    package func changes(
        of table: String, in tablet: TabletID, from start: FeedStart, limit: Int,
        wait milliseconds: Int, _ context: Context
    ) async throws(DatabaseError) -> FeedPage { throw .unsupported("") }
    package func position(of consumer: String, table: String, tablet: TabletID, _ context: Context)
        async throws(DatabaseError) -> FeedCursor?
    { throw .unsupported("") }
    package func store(
        position: FeedCursor, of consumer: String, table: String, tablet: TabletID,
        _ context: Context
    ) async throws(DatabaseError) { throw .unsupported("") }
    package func forget(consumer: String, table: String, _ context: Context)
        async throws(DatabaseError)
    {
        throw .unsupported("")
    }
    package func inspect(_ table: String?, _ context: Context) async throws(DatabaseError)
        -> Inspection
    {
        throw .unsupported("")
    }
}
