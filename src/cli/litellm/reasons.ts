/** Why parts of a file that nobody reads are left, and what there is instead, by their path. */

const reasons: readonly (readonly [RegExp, string])[] = [
  [
    /\.(?:rpm|tpm|max_parallel_requests|global_max_parallel_requests|default_max_parallel_requests)$/,
    'targets have no limits of their own: a 429 lets a target cool down, and the next one is asked',
  ],
  [
    /^model_list\[\d+\]\.(?:model_info|litellm_params)\.base_model$/,
    'says what a model costs: write `price` where it is not known here',
  ],
  [/^model_list\[\d+\]\.model_info/, 'says nothing about where requests go'],
  [
    /redis|^litellm_settings\.cache|cache_params|\.(?:cache|caching_groups|ttl)$/,
    'answers are not cached, and hosts share no store',
  ],
  [
    /callback|langfuse|alerting|otel|logging/,
    'no callbacks: Prometheus (/metrics), the log, and OpenTelemetry (`tracing`)',
  ],
  [/(?:set_verbose|json_logs|debug_level|debug|detailed_debug)$/, 'the log is JSON: `log` says how much of it'],
  [/drop_params$/, 'needs no setting: what a target cannot express is left out and named'],
  [/ssl_verify|ssl_certificate/, 'TLS is always checked: give the authority of a provider in `tls.ca`'],
  [
    /custom_auth|litellm_jwtauth|enable_jwt_auth|custom_sso|allowed_ips/,
    'clients have the keys of `server.keys`: a proxy before the gateway can do more, see deploy/security.md',
  ],
  [
    /database|store_model_in_db|store_prompts|master_key|ui_|allowed_routes|budget/,
    'no database: models and keys stand in this file, spend in `headgate spend`',
  ],
  [
    /allowed_fails_policy|disable_cooldowns|health_check/,
    'circuits and cooldowns decide: see `circuit`, and deploy/operate.md',
  ],
  [
    /enable_pre_call_checks?$/,
    'requests are not measured before: `fallbacks: { context }` takes those that are too long',
  ],
  [/retry_policy/, 'what is tried again follows from the failure alone: see the table of outcomes in src/README.md'],
  [/retry_after$/, 'waits between attempts are `retry.base_delay` and `retry.max_delay`'],
  [/\.(?:num_retries|max_retries)$/, 'is set for a provider here: write `retry` there'],
  [/content_policy_fallbacks/, 'a request whose content is refused is asked of no other model'],
  [
    /\.tags\b|tag_filtering|access_groups|\.(?:team_id|team_public_model_name)$/,
    'all clients have all models: no tags, no teams',
  ],
  [/\.extra_body\b|\.extra_headers$|\.headers$/, 'not in this form: `defaults` of a model, `headers` of a provider'],
  [
    /azure_ad_token|aws_web_identity_token|aws_session_name|aws_sts_endpoint/,
    'credentials come by other ways: see `headgate schema`, the provider’s type',
  ],
  [/key_management/, 'secrets come from variables of the environment and from files'],
  [/^environment_variables/, 'set it in the environment of the gateway'],
  [/^credential_list/, 'no model that was carried over uses it'],
  [/completion_model$|default_model$/, 'a request names its model: a model called "*" takes all other names'],
  [
    /^(?:guardrails|mcp_servers|mcp_tools|vector_store|search_tools|sandbox_tools|prompts)|guardrail|mcp_/,
    'not a part of this gateway',
  ],
];

/** A sentence for the path of a leaf. */
export function whyOf(path: string): string {
  return reasons.find(([pattern]) => pattern.test(path))?.[1] ?? 'has no counterpart here';
}
