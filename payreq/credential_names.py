"""Names of headers, parameters, schemes and cookies that hold credentials; what of them lasts."""

from __future__ import annotations

import re


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


KEY_HEADERS = _names(
    "access-token api-key api-token apikey app-key auth-token authorization client-id "
    "cf-access-client-id cf-access-client-secret dd-api-key dd-application-key job-token "
    "ocp-apim-subscription-key private-token token x-access-token x-algolia-api-key x-api-key "
    "x-api-token x-apikey x-app-id x-app-key x-appwrite-key x-auth-email x-auth-key x-auth-token "
    "x-authorization x-cg-demo-api-key x-cg-pro-api-key x-client-id x-cmc_pro_api_key "
    "x-figma-token x-functions-key x-goog-api-key x-hasura-admin-secret x-honeycomb-team x-key "
    "x-mbx-apikey x-n8n-api-key x-parse-rest-api-key x-postmark-account-token "
    "x-postmark-server-token x-rapidapi-key x-redmine-api-key x-secret-key "
    "x-shopify-access-token x-shopify-storefront-access-token x-subscription-token x-token "
    "x-typesense-api-key x-user-token x-vault-token xi-api-key"
)
"""Headers that carry a key."""

ACCOUNT_HEADERS = _names(
    "anthropic-organization-id chatgpt-account-id harvest-account-id openai-organization "
    "openai-project stripe-account x-account-id x-algolia-application-id x-appwrite-project "
    "x-company-id x-customer-id x-databricks-org-id x-goog-user-project x-hf-bill-to x-org-id "
    "x-organisation-id x-organization x-organization-id x-parse-application-id x-project "
    "x-project-id x-scope-orgid x-team-id x-tenant x-tenant-id x-workspace-id "
    "xero-tenant-id"
)
"""Headers that say which organisation, project or customer is meant, or who is billed."""

KEY_PARAMETERS = _names(
    "access_token accesstoken api-key api_key api_token apikey apitoken app_id app_key appid "
    "appkey auth auth_token awsaccesskeyid client_id client_secret googleaccessid hapikey key "
    "license_key licensekey oauth_consumer_key oauth_token ossaccesskeyid private_key secret "
    "servicekey subscription-key subscription_key token user_key userkey x-amz-credential "
    "x-api-key x-goog-credential"
)
"""Query parameters that carry a key, in lower case."""

SECRET_PARAMETERS = KEY_PARAMETERS | _names(
    "assertion code id_token jwt oauth_signature password passwd pwd refresh_token session "
    "sessionid sid sig signature x-amz-security-token x-amz-signature x-goog-signature"
)
"""Query parameters whose values are never shown, though some change with each request."""

SECRET_WORDS = re.compile(r"auth|cookie|credential|key|passw|payment|secret|session|sign|token")
"""What stands in the name of a header whose value is never shown."""

NO_SECRETS = _names("idempotency-key x-idempotency-key sec-websocket-key x-amz-signedheaders")
"""Headers whose names look like a secret's."""

LASTING_PARAMETERS = {
    "digest": ("username", "realm"),  # RFC 7616, 3.4
    "eg1-hmac-sha256": ("client_token", "access_token"),  # Akamai EdgeGrid
    "hawk": ("id",),
    "mac": ("id",),
    "oauth": ("oauth_consumer_key", "oauth_token"),  # RFC 5849, 3.5.1
    "signature": ("keyid",),  # draft-cavage-http-signatures
}
"""Of schemes that sign each request, the parameters that stay."""

ID_AND_SIGNATURE = _names("acs aws goog1 oss qbox sharedkey sharedkeylite")
"""Schemes whose credential is an id, a colon and a signature."""

NOT_IDENTIFYING = _names("cashu kerberos l402 lsat negotiate ntlm payment x402")
"""Schemes whose credential is new each time, or pays."""

SCHEMES = {
    "bearer": "bearer token",
    "bot": "bot token",
    "dpop": "bearer token",
    "genie-key": "API key",
    "apikey": "API key",
    "api-key": "API key",
    "klaviyo-api-key": "API key",
    "key": "API key",
    "token": "token",
    "basic": "basic",
}
"""What a scheme of Authorization is called; others go by their own name where it is known."""

PASSING_CLAIMS = _names("aio auth_time exp iat jti nbf nonce rh updated_at uti")
"""The times and ids of a JWT (RFC 7519, 4.1; Entra ID's own), new with each token."""

SESSION_COOKIE = re.compile(r"sess|sid$|^sid|token|auth|jwt|login|user", re.IGNORECASE)
"""Names of cookies that say who is logged in."""
PASSING_COOKIE = re.compile(
    r"csrf|xsrf|^_ga|^_gid|^__cf|^_cf|^awsalb|^__utm|^_fbp|^incap_|^visid_|consent", re.IGNORECASE
)
"""Names of cookies that say nothing of it: protection, balancing, statistics."""
