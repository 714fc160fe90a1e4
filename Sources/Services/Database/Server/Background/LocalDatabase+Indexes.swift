extension LocalDatabase {
    func followIndexes(_ shard: Int) {}
    func startSweep(_ shard: Int) {}
}
