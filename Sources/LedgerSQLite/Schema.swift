import GRDB
import GRDBSQLite
import Ledger
import SettlementDomain

/// The store's tables: the journal, which is the truth, and those that can be made of it again.
enum Schema {
    /// `PRAGMA application_id` of a store: the letters `STLD`.
    static let applicationID: Int64 = 0x53_54_4C_44

    /// `PRAGMA user_version` of a store: raised whenever tables or journal entries change before there
    /// is a release to migrate from.
    static let version: Int64 = 7

    /// The tables that are made of the journal.
    static let projections = [
        "card", "person", "account", "family", "family_owner", "accumulator", "trace_code", "usage",
        "credit",
        "clearing", "contribution", "declaration_line", "admission", "fee_upload", "open_stays",
        "claim", "bill",
        "institution", "terminal", "catalog", "policy", "business_date", "answer", "settlement",
        "history", "day", "total", "tally",
    ]

    /// The steps from an empty file to this version.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            try database.execute(sql: journal)
            try database.execute(sql: parties)
            try database.execute(sql: use)
            try database.execute(sql: reference)
            try database.execute(sql: history)
            try database.execute(sql: views)
            try nameCodes(in: database)
            try database.execute(sql: "PRAGMA application_id = \(applicationID)")
            try database.execute(sql: "PRAGMA user_version = \(version)")
        }
        return migrator
    }

    private static let journal = """
        CREATE TABLE journal (
            seq INTEGER PRIMARY KEY,
            checksum INTEGER NOT NULL,
            entry BLOB NOT NULL
        );
        CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        INSERT INTO meta VALUES ('projected_through', 0), ('recoveries', 0), ('clean', 0);
        """

    private static let parties = """
        CREATE TABLE card (
            token BLOB PRIMARY KEY, person INTEGER NOT NULL,
            state INTEGER NOT NULL, expires INTEGER NOT NULL, verification_key INTEGER,
            verification BLOB, tries_failed INTEGER NOT NULL, seq INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX card_of_person ON card (person);
        CREATE TABLE person (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL, id_number INTEGER NOT NULL,
            sex INTEGER NOT NULL, birth_date INTEGER NOT NULL, insurance_type INTEGER NOT NULL,
            category INTEGER NOT NULL, region INTEGER NOT NULL, coverage INTEGER NOT NULL,
            plans TEXT, has_account INTEGER NOT NULL, frozen INTEGER NOT NULL,
            employer TEXT, paid_through INTEGER, suspended_from INTEGER, covered_from INTEGER,
            chronic TEXT, seq INTEGER NOT NULL
        );
        CREATE INDEX person_by_id_number ON person (id_number);
        CREATE TABLE account (
            person INTEGER PRIMARY KEY, balance INTEGER NOT NULL, entries INTEGER NOT NULL,
            head BLOB NOT NULL, seq INTEGER NOT NULL
        );
        CREATE TABLE family (
            member INTEGER PRIMARY KEY, links TEXT NOT NULL, seq INTEGER NOT NULL
        );
        CREATE TABLE family_owner (
            owner INTEGER PRIMARY KEY, members TEXT NOT NULL, seq INTEGER NOT NULL
        );
        """

    private static let use = """
        CREATE TABLE accumulator (
            person INTEGER NOT NULL, year INTEGER NOT NULL, category INTEGER NOT NULL,
            deductible INTEGER NOT NULL, pooled INTEGER NOT NULL, large INTEGER NOT NULL,
            plans TEXT, stays INTEGER NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY (person, year, category)
        ) WITHOUT ROWID;
        CREATE TABLE trace_code (
            code TEXT PRIMARY KEY, takings INTEGER NOT NULL, seq INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE usage (
            person INTEGER NOT NULL, code TEXT NOT NULL, history TEXT NOT NULL,
            seq INTEGER NOT NULL,
            PRIMARY KEY (person, code)
        ) WITHOUT ROWID;
        CREATE TABLE clearing (
            date INTEGER NOT NULL, institution TEXT NOT NULL, amount INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            PRIMARY KEY (date, institution)
        ) WITHOUT ROWID;
        CREATE TABLE admission (
            terminal TEXT NOT NULL, date INTEGER NOT NULL, stan INTEGER NOT NULL,
            state INTEGER NOT NULL, person INTEGER NOT NULL, institution TEXT NOT NULL,
            admitted_on INTEGER NOT NULL, diagnosis TEXT, uploads INTEGER NOT NULL,
            line_count INTEGER NOT NULL, total INTEGER NOT NULL, revision INTEGER NOT NULL,
            settlement TEXT, seq INTEGER NOT NULL,
            PRIMARY KEY (terminal, date, stan)
        ) WITHOUT ROWID;
        CREATE TABLE fee_upload (
            terminal TEXT NOT NULL, date INTEGER NOT NULL, stan INTEGER NOT NULL,
            number INTEGER NOT NULL, day INTEGER NOT NULL, line_count INTEGER NOT NULL,
            total INTEGER NOT NULL, cancelled INTEGER NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY (terminal, date, stan, number)
        ) WITHOUT ROWID;
        CREATE TABLE open_stays (
            person INTEGER PRIMARY KEY, admissions TEXT NOT NULL, seq INTEGER NOT NULL
        );
        CREATE TABLE claim (
            terminal TEXT NOT NULL, date INTEGER NOT NULL, stan INTEGER NOT NULL,
            person INTEGER NOT NULL, state INTEGER NOT NULL, agency TEXT NOT NULL,
            submitted INTEGER NOT NULL, total INTEGER NOT NULL, approved INTEGER NOT NULL,
            due INTEGER, seq INTEGER NOT NULL,
            PRIMARY KEY (terminal, date, stan)
        ) WITHOUT ROWID;
        CREATE INDEX claim_of_person ON claim (person);
        CREATE INDEX claim_due ON claim (due) WHERE due IS NOT NULL;
        CREATE TABLE bill (
            code TEXT NOT NULL, number TEXT NOT NULL, claim TEXT, settlement TEXT,
            seq INTEGER NOT NULL,
            PRIMARY KEY (code, number)
        ) WITHOUT ROWID;
        CREATE TABLE credit (
            person INTEGER NOT NULL, reference TEXT NOT NULL, amount INTEGER NOT NULL,
            collector TEXT NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY (person, reference)
        ) WITHOUT ROWID;
        CREATE TABLE contribution (
            person INTEGER NOT NULL, period INTEGER NOT NULL, base INTEGER NOT NULL,
            employer_part INTEGER NOT NULL, individual_part INTEGER NOT NULL,
            credited INTEGER NOT NULL, paid_date INTEGER NOT NULL, collector TEXT NOT NULL,
            employer TEXT, seq INTEGER NOT NULL,
            PRIMARY KEY (person, period)
        ) WITHOUT ROWID;
        CREATE TABLE declaration_line (
            institution TEXT NOT NULL, declaration TEXT NOT NULL, line INTEGER NOT NULL,
            content INTEGER NOT NULL, code INTEGER NOT NULL, reason INTEGER NOT NULL,
            detail TEXT NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY (institution, declaration, line)
        ) WITHOUT ROWID;
        """

    private static let reference = """
        CREATE TABLE institution (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, kind INTEGER NOT NULL,
            level INTEGER NOT NULL, contract INTEGER NOT NULL, visit_types INTEGER NOT NULL,
            vaccinates INTEGER NOT NULL, region INTEGER NOT NULL, seq INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE terminal (
            id TEXT PRIMARY KEY, institution TEXT NOT NULL, role INTEGER NOT NULL,
            blocked INTEGER NOT NULL, seq INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE catalog (
            version INTEGER PRIMARY KEY, effective_from INTEGER NOT NULL,
            entries INTEGER NOT NULL, seq INTEGER NOT NULL
        );
        CREATE TABLE policy (
            region INTEGER NOT NULL, version INTEGER NOT NULL, effective_from INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            PRIMARY KEY (region, version)
        ) WITHOUT ROWID;
        CREATE TABLE business_date (
            id INTEGER PRIMARY KEY CHECK (id = 1), date INTEGER NOT NULL, seq INTEGER NOT NULL
        );
        """

    private static let history = """
        CREATE TABLE answer (
            terminal TEXT NOT NULL, date INTEGER NOT NULL, stan INTEGER NOT NULL,
            kind INTEGER NOT NULL, code INTEGER NOT NULL, reason INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            PRIMARY KEY (terminal, date, stan)
        ) WITHOUT ROWID;
        CREATE TABLE settlement (
            created INTEGER PRIMARY KEY, terminal TEXT NOT NULL, date INTEGER NOT NULL,
            stan INTEGER NOT NULL, state INTEGER NOT NULL, person INTEGER NOT NULL,
            institution TEXT NOT NULL, booked_date INTEGER NOT NULL, time INTEGER NOT NULL,
            service_date INTEGER NOT NULL, visit_type INTEGER NOT NULL, total INTEGER NOT NULL,
            pooled INTEGER NOT NULL, large INTEGER NOT NULL, supplement INTEGER NOT NULL,
            account INTEGER NOT NULL, family INTEGER NOT NULL, cash INTEGER NOT NULL,
            seq INTEGER NOT NULL
        );
        CREATE TABLE history (
            era INTEGER NOT NULL, person INTEGER NOT NULL, seq INTEGER NOT NULL,
            amount INTEGER, balance INTEGER, time INTEGER NOT NULL,
            booked_date INTEGER NOT NULL, kind INTEGER NOT NULL, settlement INTEGER,
            own INTEGER NOT NULL, access INTEGER NOT NULL,
            PRIMARY KEY (era, person, seq)
        ) WITHOUT ROWID;
        CREATE TABLE day (
            booked_date INTEGER NOT NULL, institution TEXT NOT NULL, terminal TEXT NOT NULL,
            date INTEGER NOT NULL, stan INTEGER NOT NULL, kind INTEGER NOT NULL, settlement TEXT,
            time INTEGER NOT NULL, home_region INTEGER NOT NULL,
            institution_region INTEGER NOT NULL, insurance_type INTEGER NOT NULL,
            total INTEGER NOT NULL, pooled INTEGER NOT NULL, large INTEGER NOT NULL, supplement INTEGER NOT NULL, account INTEGER NOT NULL,
            family INTEGER NOT NULL, cash INTEGER NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY (booked_date, institution, terminal, date, stan)
        ) WITHOUT ROWID;
        CREATE TABLE total (account TEXT PRIMARY KEY, balance INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE tally (name TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE code_name (
            meaning TEXT NOT NULL, code INTEGER NOT NULL, name TEXT NOT NULL,
            PRIMARY KEY (meaning, code)
        ) WITHOUT ROWID;
        """

    private static let views = """
        CREATE VIEW movement AS
            SELECT history.person, history.seq, amount, balance, history.time,
                history.booked_date, kind,
                CASE WHEN settlement.created IS NOT NULL THEN
                    printf('%08d-%s-%06d', settlement.date, settlement.terminal, settlement.stan)
                END AS settlement
            FROM history LEFT JOIN settlement ON settlement.created = history.settlement
            WHERE amount IS NOT NULL;
        """

    /// Tells an auditor's tool what the numbers of enumerations mean.
    private static func nameCodes(in database: Database) throws {
        func name<Code: CaseIterable & RawRepresentable>(_ type: Code.Type, as meaning: String)
            throws where Code.RawValue: FixedWidthInteger
        {
            for code in Code.allCases {
                try database.execute(
                    sql: "INSERT INTO code_name VALUES (?, ?, ?)",
                    arguments: [meaning, Int64(code.rawValue), "\(code)"])
            }
        }
        try name(Sex.self, as: "sex")
        try name(InsuranceType.self, as: "insurance_type")
        try name(PersonCategory.self, as: "category")
        try name(CoverageStatus.self, as: "coverage")
        try name(InstitutionKind.self, as: "institution_kind")
        try name(InstitutionLevel.self, as: "level")
        try name(ContractState.self, as: "contract")
        try name(Role.self, as: "role")
        try name(VisitType.self, as: "visit_type")
        try name(BenefitCategory.self, as: "benefit_category")
        try name(RequestKind.self, as: "kind")
        try name(ResponseCode.self, as: "code")
        try name(Reason.self, as: "reason")
        try name(SettlementRow.State.self, as: "settlement_state")
        try name(AdmissionRow.State.self, as: "admission_state")
        let states: [(String, Int64, String)] = [
            ("card_state", 1, "active"), ("card_state", 2, "lost"), ("card_state", 3, "cancelled"),
        ]
        for (meaning, code, name) in states {
            try database.execute(
                sql: "INSERT INTO code_name VALUES (?, ?, ?)", arguments: [meaning, code, name])
        }
    }
}
