import Ledger
import SettlementDomain

extension ResponseCode {
    /// What the code means, in a few words for a person.
    ///
    /// - Source: Protocol/ResponseCodes.md.
    public var words: String {
        switch self {
        case .approved: "approved"
        case .institutionInvalid: "institution may not settle"
        case .executing: "the same request is being executed"
        case .partiallyApproved: "partially approved"
        case .invalidTransaction: "transaction not valid in this state"
        case .invalidAmount: "invalid amount"
        case .noSuchCard: "no such card"
        case .quoteStale: "quote out of date"
        case .noActionTaken: "no action taken"
        case .originalNotFound: "original not found"
        case .formatError: "format error"
        case .notSupported: "transaction not supported"
        case .cardLost: "card reported lost"
        case .insufficientFunds: "not enough in the accounts"
        case .cardExpired: "card expired"
        case .wrongPIN: "wrong PIN"
        case .notPermittedToPerson: "not permitted to this person"
        case .notPermittedToTerminal: "not permitted to this terminal"
        case .amountLimit: "amount limit exceeded"
        case .securityViolation: "certificate and terminal do not match"
        case .originalAmountDiffers: "amount differs from the original"
        case .frequencyLimit: "used too often"
        case .pinTriesExceeded: "PIN locked"
        case .originalDataDiffers: "data differ from the original"
        case .alreadyUndone: "already undone"
        case .dayClose: "day close in progress"
        case .unavailable: "not available, nothing was executed"
        case .keyReused: "number used before with other content"
        case .totalsDisagree: "totals disagree"
        case .malfunction: "malfunction, outcome unknown"
        case .pinBlockUnusable: "PIN block cannot be used"
        }
    }
}

extension Reason {
    /// Why, in a few words for a person.
    ///
    /// - Source: Protocol/ResponseCodes.md.
    public var words: String {
        Self.sessionWords[self] ?? Self.ledgerWords[self] ?? "\(self)"
    }

    private static let sessionWords: [Reason: String] = [
        .none: "no reason given",
        .frameLength: "frame length out of range",
        .frameVersion: "unknown frame version",
        .frameFlags: "frame flags are not zero",
        .bodyUnreadable: "message cannot be read",
        .requestIDInUse: "request id is in flight",
        .kindUnknown: "unknown kind of request",
        .notSignedOn: "not signed on",
        .alreadySignedOn: "already signed on",
        .certificateMismatch: "certificate names another terminal",
        .terminalUnknown: "terminal is not registered",
        .pinAlgorithmUnknown: "no PIN cipher in common",
        .roleNotPermitted: "not among this terminal's transactions",
        .tooManyConnections: "too many connections of this terminal",
        .protocolVersion: "protocol version not supported",
        .deadlinePassed: "too slow",
        .inFlightExceeded: "too many requests in flight",
        .fieldMissing: "a field is missing",
        .fieldOutOfRange: "a field is out of range",
        .stanOutOfRange: "STAN is not 1 to 999999",
        .businessDateUnknown: "business date is missing or out of range",
        .linesOutOfRange: "not 1 to 200 lines",
        .lineAmountInvalid: "a line's amount is wrong",
        .totalDiffers: "total is not the sum of the lines",
        .amountOverflow: "an amount is too large",
        .catalogVersionUnknown: "unknown catalog version",
        .catalogIndexUnknown: "no such index in the catalog",
        .serviceDateInvalid: "service date is not acceptable",
        .visitTypeNotPermitted: "visit type not permitted here",
        .cardNumberInvalid: "card number is malformed",
        .keyReused: "number used before with other content",
    ]

    private static let ledgerWords: [Reason: String] = [
        .cardUnknown: "card is not registered",
        .cardLost: "card is reported lost",
        .cardExpired: "card has expired",
        .cardCancelled: "card is cancelled",
        .pinWrong: "PIN is wrong",
        .pinLocked: "PIN is locked",
        .pinBlockUnusable: "PIN block cannot be opened",
        .pinNotSet: "no PIN has been set",
        .benefitFrozen: "benefits are frozen",
        .noPolicyForRegion: "no policy in force for the region",
        .institutionSuspended: "contract is suspended",
        .institutionTerminated: "contract is terminated",
        .institutionUnknown: "institution is not designated",
        .terminalBlocked: "terminal is blocked",
        .otherInstitution: "settlement is another institution's",
        .tooManyWrongPINs: "too many wrong PINs from here; PINs are taken again later",
        .insufficientFunds: "accounts do not cover what they may pay",
        .cashDue: "cash is due for a part that accounts could have paid",
        .quoteDiffers: "split differs from the quote",
        .dailyLimit: "daily limit reached",
        .familyLimit: "family limit reached",
        .traceCodeUsed: "trace code is already sold",
        .admissionOpen: "another stay is not settled",
        .admissionUnknown: "no such stay",
        .admissionClosed: "stay is settled or cancelled",
        .uploadUnknown: "no such upload",
        .nothingUploaded: "no fees to settle",
        .feesUploaded: "fees are uploaded",
        .admissionFull: "stay has as many fees as it may",
        .claimUnknown: "no such claim",
        .billClaimed: "the bill is claimed",
        .billSettled: "the bill is settled",
        .placeKnown: "the place is an institution known here",
        .claimStateDiffers: "the claim is not at that step",
        .claimFull: "the claim has as many steps or documents as it may",
        .clerkNotIndependent: "another clerk must decide",
        .nothingToPay: "nothing is to be paid",
        .chronicNotRegistered: "not registered for this chronic disease",
        .aboveRemaining: "more than what remains of the line",
        .traceCodesDiffer: "name one package for each whole unit that comes back",
        .annualCap: "a cap of the year would be passed",
        .undoneTooOften: "undone too often: the agency goes on",
        .originalNotSeen: "original was never seen",
        .reversedBeforeArrival: "reversed before it arrived",
        .originalReversed: "original is reversed",
        .originalVoided: "original is voided",
        .originalRefunded: "original is refunded",
        .furtherActivity: "further activity on the original",
        .amountDiffers: "amount differs from the original",
        .dataDiffers: "data differ from the original",
        .otherBusinessDate: "original is of another business date",
        .originalExecuting: "original is being executed",
        .originalUnknown: "no such settlement",
        .originalRefused: "original was refused: nothing to undo",
        .originalNotReversible: "original cannot be reversed",
        .totalsDisagree: "terminal and daemon disagree",
        .overloaded: "too many requests at once",
        .storeUnavailable: "ledger cannot be written",
        .outcomeUnknown: "outcome unknown",
        .draining: "daemon is stopping",
        .dayClose: "day close in progress",
        .verificationKeyMissing: "PIN cannot be verified yet",
        .nameInvalid: "name cannot be read",
        .idNumberInvalid: "ID number is wrong",
        .periodInvalid: "period is none of this person's",
        .periodTooEarly: "period cannot be paid for yet",
        .periodPaid: "period is paid for already",
        .nameDiffers: "name is another person's",
        .employerUnknown: "employer is missing, unknown or not allowed",
        .notOwnEmployee: "not an employee of this employer",
        .contributionsNotTaken: "region takes no contributions for the period",
        .categoryPaysNothing: "person pays no contributions",
        .baseOutOfRange: "base is below the floor or above the ceiling",
        .contributionAmountDiffers: "amount is not what the policy asks",
        .lineReused: "line number was used for other content",
        .personUnknown: "nobody with this ID number",
        .personAmbiguous: "several persons with this ID number",
        .proxyExpired: "power of attorney has expired",
        .documentDiffers: "document is another person's",
        .cardNotLost: "card is not reported lost",
        .cardNumberInUse: "card number is in use",
        .pinNotLocked: "PIN is not locked",
        .cardExpiryInvalid: "card's last day is out of range",
        .relativeIsOwner: "nobody is their own relative",
        .ownerHasNoAccount: "owner has no individual account",
        .relationshipNotPermitted: "relationship is not linked in this region",
        .relationshipImplausible: "birth dates do not fit the relationship",
        .tooManyLinks: "too many links",
        .relativeNotLinked: "relative is not linked",
    ]
}

extension ItemClass {
    /// Who may pay, in a few words for a person.
    public var words: String {
        switch self {
        case .catalog: "covered by the catalog"
        case .account: "individual account"
        case .vaccine: "individual account (vaccine)"
        case .excluded: "cash only"
        }
    }
}

extension SortingReason {
    /// Why a line has its class, in a few words for a person.
    ///
    /// - Source: Protocol/Sorting.md, "Reasons".
    public var words: String {
        switch self {
        case .levelA: "level A"
        case .levelB: "level B"
        case .notInPaymentScope: "not in the payment scope"
        case .visitTypeNotPooled: "no pooled benefit for this visit"
        case .coverageSuspended: "coverage is suspended"
        case .restrictedSex: "restricted to the other sex"
        case .restrictedAge: "restricted to another age"
        case .restrictedInstitutionLevel: "restricted to another level of institution"
        case .restrictedVisitType: "restricted to another kind of visit"
        case .restrictedInsuranceType: "restricted to another insurance"
        case .restrictedCourse: "above the permitted course"
        case .restrictedFrequency: "above the permitted frequency"
        case .vaccineCategory2: "category II vaccine"
        case .unknownItem: "not in the catalog"
        case .notSuppliedHere: "not to be supplied here"
        case .freeVaccine: "category I vaccine, free of charge"
        case .accountNotPermitted: "account may not pay it"
        case .traceCodeMissing: "trace code missing"
        case .traceCodeUsed: "trace code already sold"
        case .cosmetic: "cosmetic"
        case .fitness: "fitness"
        case .plasticSurgery: "plastic surgery"
        case .appearanceCorrection: "correction of appearance"
        case .weightControl: "weight control"
        case .heightIncrease: "height increase"
        case .healthProduct: "health product"
        case .otherNonTreatment: "not a treatment"
        case .notAccepted: "not accepted by the reviewer"
        }
    }
}

extension VisitType {
    /// What the patient came for, in words.
    public var words: String {
        switch self {
        case .pharmacyPurchase: "pharmacy purchase"
        case .outpatient: "outpatient"
        case .emergency: "emergency"
        case .chronicOutpatient: "chronic outpatient"
        case .inpatient: "inpatient"
        case .vaccination: "vaccination"
        case .checkup: "check-up"
        }
    }
}

extension BenefitCategory {
    /// Which yearly limits, in words.
    public var words: String {
        switch self {
        case .outpatient: "outpatient"
        case .chronicOutpatient: "chronic outpatient"
        case .inpatient: "inpatient"
        }
    }
}
