/**
 * Tells from a provider's error that the operator's account is what is in the way: its money, its quota, its standing or
 * where it is used from. Providers say so under 400, 401, 403 and 429. Words are closed lists; of a text only the
 * beginning counts, since further on it may quote the client.
 */

const accountWord =
  /^(?:insufficient_(?:quota|balance|credits|user_quota)|CreditsError|credit_balance_exhausted|billing_(?:hard_limit_reached|not_active)|billing_error|budget_exceeded|pre_consume_token_quota_failed|unsupported_country_region_territory|\w+_(?:spend|usage)_limit_exceeded|\w*(?:spend_limit_reached|billing_unavailable)|BILLING_DISABLED|CONSUMER_(?:INVALID|SUSPENDED)|SERVICE_DISABLED)$/;

const accountText =
  /^(?:error: ?)?(?:your credit balance is too low|insufficient (?:balance|credits?|funds|quota)\b|you have reached your (?:specified )?(?:(?:api|workspace|monthly) ){0,3}usage limits?\b|(?:this|your) (?:organization|account|workspace) (?:has been|is) (?:disabled|suspended|deactivated|not active)\b|user location is not supported\b|country, region, or territory not supported\b|access to \w+ models is not allowed from unsupported\b|budget has been exceeded\b|user quota is not enough\b|gemini api free tier is not available\b|this api method requires billing\b|your prepayment credits are depleted\b|your (?:newly created )?team (?:\S+ )?(?:has (?:either )?used all available credits|does(?:n't| not) have any credits)\b)/i;

/** Whether the account is what an error is about. */
export function isAccountError(words: readonly string[], message: string): boolean {
  return words.some((word) => accountWord.test(word)) || accountText.test(message);
}
