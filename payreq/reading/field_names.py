"""Under which names the facts of a refusal are known: members of payloads, and headers.

Member names are folded (lower case, letters and digits alone), the best first. What stands
here is general; where a single provider keeps a fact is its profile's to say.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _ranked(*lines: str) -> dict[str, int]:
    return {name: rank for rank, line in enumerate(lines) for name in line.split()}


ERRORS = _words(
    "error errors detail details fault faults status result response body header extensions "
    "exception exceptions baseresp embedded metadata meta raw data cause innererror errordetails "
    "errorinfo problem problems message messages info reason sys"
)
"""Members inside which the words of the refusal still stand."""

CONTAINERS = ERRORS | _words(
    "quota quotas usage limits billing credits balance amount price subscription plan account "
    "context params additionalinfo rate violations payload"
)
"""Members inside which its facts do."""

OFFERED = _words("accepts accepted paymentrequirements resource")
"""Members that describe what can be paid for, not why it must be."""

MESSAGES = _ranked(
    "longmessage",
    "message msg errormessage errmessage errormsg errmsg statusmsg statusmessage errordescription "
    "faultstring usermessage displaymessage retmsg respmsg returnmessage resultmessage messages "
    "errormessages",
    "detail details errordetail errordetails reasonphrase",
    "description info explanation readablemessage shortmessage",
    "error errors err errortext failure",
    "reason refusalreason failurereason cause statusreason developermessage",
    "title summary",
)
"""Where the provider's sentence stands; a lower rank is a better place."""

CODES = _ranked(
    "code errorcode errcode ecode faultcode apierrorcode",
    "cod resultcode returncode retcode respcode responsecode exceptioncode messagecode codename "
    "reasoncode errno errornumber",
)
"""Members that hold a code, whatever it looks like."""

KINDS = _ranked(
    "reason issue errorreason",
    "type errortype errtype",
    "typename exception exceptiontype errorname tag errortag",
    "name id errorkey messagekey slug kind category",
    "status state statuscode",
    "title",
    "error err result request",
)
"""Members that may hold a code, if what they hold looks like one."""

SURE_KINDS = 4
"""Ranks of `KINDS` below this go before a number in a member of `CODES`."""

MEMBERS: dict[str, tuple[str, ...]] = {
    field: tuple(names.split())
    for field, names in {
        "request_id": (
            "requestid reqid xrequestid traceid correlationid debugid logid errorid incidentid "
            "eventid pspreference instance requestidentifier operationid"
        ),
        "account_id": (
            "accountid organizationid organisationid orgid teamid workspaceid projectid tenantid "
            "customerid subscriptionid groupid"
        ),
        "plan": (
            "plan planname plantype plantier planid currentplan currentplanname subscriptionplan "
            "tier currenttier plancode pricingtier subscriptiontype subscriptiontier accounttype "
            "userplan accountplan usertier"
        ),
        "required_plan": (
            "requiredplan requiredplans requiredtier minimumplan minplan minimumtier neededplan "
            "planrequired requiredsubscription upgradeplan upgradeto targetplan requiredenrollment "
            "suggestedplan recommendedplan upgraderequired"
        ),
        "feature": (
            "feature featurename featurekey featureid requiredfeature missingfeature entitlement "
            "requiredentitlement capability"
        ),
        "limit": (
            "limit quota quotalimit monthlylimit dailylimit planlimit usagelimit requestlimit "
            "creditlimit characterlimit spendlimit spendinglimit hardlimit budget maxbudget "
            "maxlimit maximum allowance allowed cap quotavalue limitvalue"
        ),
        "used": (
            "used usage currentusage currentspend spent consumed currentcost usedcount "
            "currentcount charactercount requestcount requestsmade usagecount current"
        ),
        "remaining": "remaining left remainingquota quotaremaining tokensremaining remain",
        "balance": (
            "balance currentbalance creditbalance accountbalance availablebalance "
            "creditsavailable availablecredits currentcredits usercredits accountcredits "
            "availablefunds credits balanceunits available"
        ),
        "amount": (
            "requiredamount amountrequired minimumrequired requiredcredits creditsrequired "
            "creditrequired creditsneeded amountdue amountowed outstandingbalance totaldue cost "
            "estimatedcost required needed price amount"
        ),
        "currency": "currency currencycode",
        "unit": "unit units quotaunit",
        "resets_at": (
            "resetsat resetat resettime resetdate reset nextreset quotaresetat quotaresetsat "
            "limitresetat renewsat renewaldate nextrenewal resets periodend currentperiodend "
            "billingcycleend billingperiodend cycleend nextresetat resetson renewson windowend"
        ),
        "retry_after": (
            "retryafter retryafters retryafterseconds retryaftersec retryaftersecs retryafterms "
            "retrydelay backoffseconds resetsinseconds resetinseconds resetafter resetsin "
            "waitseconds retryin secondsuntilreset"
        ),
        "retryable": "retryable isretryable retriable shouldretry canretry transient",
        "billing_url": (
            "billingurl billinglink topupurl rechargeurl paymenturl checkouturl portalurl "
            "managementurl addcreditsurl buycreditsurl buyurl manageurl paymentlink billing"
        ),
        "upgrade_url": (
            "upgradeurl upgradelink pricingurl plansurl subscribeurl subscriptionurl upgrade "
            "upgradehref pricing"
        ),
        "invoice_url": "invoiceurl hostedinvoiceurl invoicelink invoicepdf invoice",
        "docs_url": (
            "docsurl docurl documentationurl documentation docs doc moreinfo moreinformation "
            "detailsurl helpurl helplink help infourl see ref reference referenceurl errorurl "
            "errorlink learnmore learnmoreurl supporturl registrationurl informationlink "
            "explanationurl troubleshootingurl"
        ),
    }.items()
}
"""The members that hold each fact, the best first."""

CURRENCIES = _words("USD EUR GBP")
"""Currencies with which names of members end, as `limit_usd` does."""

SUFFIXES: tuple[tuple[str, str], ...] = (
    ("limit", "limit"),
    ("quota", "limit"),
    ("used", "used"),
    ("usage", "used"),
    ("remaining", "remaining"),
    ("left", "remaining"),
    ("balance", "balance"),
    ("requestid", "request_id"),
    ("traceid", "request_id"),
)
"""How compound names of members end, and what they hold: `charactersUsed`, `email_limit`."""

PREFIXES: tuple[tuple[str, str], ...] = (
    ("remaining", "remaining"),
    ("used", "used"),
    ("max", "limit"),
)
"""How they start, before a word of `UNITS`."""

NOT_OF_A_PLAN = _words(
    "second minute rate rps rpm tpm concurren size page offset token length timeout depth retr "
    "input output temperature"
)
"""Words in a member's name that make its number a technical limit, not one of a plan."""

UNITS = _words(
    "accounts addresses agents alerts apis apps articles attachments automations backlinks backups "
    "boards bots buckets builds calls campaigns cards certificates channels characters chats "
    "checks clusters collaborators collections companies competitors connections connectors "
    "contacts containers conversations conversions courses crawls credits customers dashboards "
    "databases datapoints datasets deployments devices documents domains downloads editors emails "
    "employees endpoints entries environments events executions exports faxes feeds files flows "
    "forms gb generations gib groups guests hits hours images impressions inboxes indexes "
    "instances integrations invocations invoices items jobs keys keywords leads letters licences "
    "licenses listings lists locations lookups mailboxes mb meetings members messages mib minutes "
    "models monitors namespaces nodes notes numbers operations orders organizations pages "
    "pageviews participants photos pipelines pods points posts products profiles projects prompts "
    "queries recordings records reports repos repositories requests resources responses results "
    "rows rules runs scans searches seats seconds segments sensors servers sessions sites sms "
    "snapshots songs students subdomains submissions subscribers subtitles surveys tables tags "
    "tasks tb teams templates tickets tokens tracks transactions transcriptions translations units "
    "uploads urls users verifications videos viewers voices volumes wallets webhooks words workers "
    "workflows workspaces zones"
)
"""What numbers count, as far as it is known."""

TIERS = _words(
    "free basic starter hobby pro team teams business enterprise developer growth grow standard "
    "premium plus trial lite personal professional scale individual essential essentials advanced "
    "ultimate ultra community max unlimited"
)
"""What plans are often called."""

NO_PLANS = _words(
    "a an the this that your our my its any no new higher paid different current another each "
    "existing active valid better right proper upgraded larger bigger appropriate subscription "
    "data token tokens "
    "billing monthly yearly annual please see not payment api all request usage with"
)
"""Words before "plan" that do not name one."""

POINTING = _words("a access an error it sorry that these this those use we you your")
"""Words with which no feature's name begins."""

NO_FEATURES = _words("action content endpoint feature it method operation resource that this")
"""Words with which it does not end: "the requested resource" names none."""

REQUEST_IDS = (
    "x-request-id", "request-id", "x-amzn-requestid", "x-amz-request-id", "x-ms-request-id",
    "apigw-requestid", "x-correlation-id", "x-debug-id", "paypal-debug-id",
)  # fmt: skip
"""Headers with the id of a request, the best first."""

REQUEST_ID_ENDINGS = ("request-id", "requestid", "-trace-id", "-traceid", "correlation-id")
"""How other headers with such an id are called."""

LAST_REQUEST_IDS = ("cf-ray", "x-amz-cf-id", "x-vercel-id", "x-cloud-trace-context", "traceparent")
"""Headers of what stands before the provider, asked last."""

MESSAGE_HEADERS = ("x-error-message", "error-message", "grpc-message")
"""Headers with a message, asked where the body has none."""

CODE_HEADERS = ("x-error-code", "x-amzn-errortype", "x-ms-error-code", "error-code")
"""Headers with a code."""

CODE_HEADER_ENDINGS = ("-error-code", "-reject-code", "-error-type", "-error-reason")
"""How other headers with a code are called."""

ACCOUNTS = ("openai-organization", "anthropic-organization-id", "x-organization-id")
"""Headers that name the account."""
