import Testing

@testable import LedgerPostgreSQL

@Suite("Connection strings")
struct ConnectionStringTests {
    private static let secret = "Pw7canary5e31"

    @Test(
        "what cannot be read, or would be read otherwise than it was meant, is refused unrepeated",
        arguments: [
            "host=db1 password=one \(secret)", "host=db1 password='\(secret)",
            "host=db1 \(secret)=one", "\(secret)",
            "postgresql://settled:one@\(secret)@db1/settled",
            "postgresql://settled:one/\(secret)@db1/settled",
            "postgresql://settled:one:\(secret)@db1/settled",
            "postgres://settled:one#\(secret)@db1/settled",
            "postgresql://settled:one?\(secret)@db1/settled",
        ])
    func refused(_ text: String) {
        do throws(DatabaseFault) {
            try ConnectionString.check(text)
            Issue.record("taken")
        } catch {
            guard case .lost(let why) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(!why.contains(Self.secret) && !why.contains("one"))
        }
    }

    @Test(
        "what libpq reads as it was meant is taken",
        arguments: [
            "", "host=db1,db2 port=5432 dbname=settled user=settled sslmode=verify-full",
            "host=/run/postgresql password='one two' application_name=settled",
            "postgresql://settled:one%40two%2F@db1:5432,db2:5433/settled?sslmode=require",
            "postgresql://db1/settled", "postgres:///settled?host=/run/postgresql",
            "postgresql://settled@/settled?passfile=/etc/settled/pass",
        ])
    func taken(_ text: String) throws {
        try ConnectionString.check(text)
    }
}
