/**
 * What the operator of the gateway does about each error, in a sentence: shown with the last failures and in the
 * generated reference. Apart from the table, since no client gets it and no worker needs it.
 */
import type { ErrorCode } from './errors.ts';

const caller = 'Nothing at the gateway:';

/** Code → one sentence. */
export const errorCures: Readonly<Record<ErrorCode, string>> = {
  invalid_json: `${caller} the caller has to send JSON.`,
  invalid_content_encoding: `${caller} the caller has to send what its Content-Encoding says.`,
  invalid_value: `${caller} the caller has to correct the field that its answer names in error.param.`,
  missing_parameter: `${caller} the caller has to send the field that its answer names in error.param.`,
  unsupported_parameter:
    'Let the model drop that parameter (drop), or give it a target whose API has it; the caller finds its name in error.param.',
  unsupported_endpoint: 'Give the model a provider that has this API, or name one for it in passthrough.',
  request_rejected: `${caller} the caller reads in its answer what the provider did not accept.`,
  context_length_exceeded: 'Name a model with a longer context in fallbacks.context, or have the caller send less.',
  malformed_request: `${caller} the caller, or a proxy before the gateway, sends what is no HTTP; the log says if it is TLS.`,
  previous_response_not_found:
    "Restore the target that kept the answer before, if it was taken out or cools down; else the caller's history begins anew.",
  invalid_api_key: 'Give the caller one of server.keys; if it was changed lately, the caller still has the old one.',
  host_not_allowed: 'Set server.keys: with a key, callers may reach the gateway under any name.',
  origin_not_allowed: 'Set server.keys, or have the page call the gateway through its own server.',
  model_not_found:
    'Configure the model, or an alias: the log line with the id of the request has the name that was asked for (askedModel).',
  not_found: `${caller} the caller has to use a path that it has; usually its base URL lacks /v1 or has it twice.`,
  thread_not_found: 'Restore the target that kept the thread, if it was taken out or cools down.',
  response_not_found: 'Restore the provider that keeps the response, if it was taken out of the configuration.',
  method_not_allowed: `${caller} the caller has to use the method that the Allow header of its answer names.`,
  request_timeout: `${caller} the caller, or its network, sends too slowly.`,
  body_too_large: 'Raise server.max_body if such requests are meant to pass.',
  unsupported_media_type: `${caller} the caller has to set its Content-Type.`,
  unsupported_content_encoding: `${caller} the caller has to pack its body in another way, or not at all.`,
  expectation_failed: `${caller} the caller has to leave its Expect header out.`,
  websocket_not_supported: `${caller} the caller has to use HTTP.`,
  headers_too_large: `${caller} the caller, or a proxy before the gateway, has to send fewer or shorter headers.`,
  rate_limited: 'Ask the provider for a higher limit, or give the model another key or target.',
  internal_error: 'Find the request by its id in the log, and report the error that stands there.',
  unsupported_transfer_coding: `${caller} the caller, or a proxy before the gateway, has to send its body plain or chunked.`,
  provider_auth:
    "Check the provider's key, then reload (stop and start, if it is in the environment): `headgate check --live` tries it.",
  provider_credentials: 'See in `headgate status` why the credentials could not be fetched, and cure that.',
  provider_address: "Correct the provider's base_url, then reload: `headgate check --live` tries it.",
  provider_untrusted: "Correct the provider's base_url, or name its certificate authority in tls.ca, then reload.",
  proxy_failed: 'Check that the proxy of the provider runs and accepts the gateway.',
  model_unavailable:
    "Correct the target's model: `headgate models PROVIDER` lists those that the provider serves for this key.",
  provider_error: "Look at the provider's status page, and give the model a second target if it has none.",
  provider_unreachable:
    "Check name, network and firewall between this host and the provider's base_url: the cause says what failed.",
  provider_stream_cut: 'Look whether the provider, or a proxy on the way to it, closes long answers.',
  circuit_open:
    'Look at the failures before it for the reason; the circuits close by themselves, or by `headgate circuit reset PROVIDER`.',
  overloaded: 'Raise server.max_in_flight or server.max_buffered, or add workers or hosts.',
  draining:
    'Nothing: a stop or roll is under way; if callers see it, raise drain.announce so that they move away before.',
  metrics_unavailable: 'See in the log why the primary has ended, and start it again.',
  provider_timeout:
    'Look in the attempts which provider does not answer, and add another target; raise timeouts if such answers take so long.',
  client_deadline: `${caller} the caller's own timeout is too short for this model and its retries.`,
  time_limit:
    'Look in the attempts for a slow provider; raise timeouts.total, or max_stream for streams, if requests may last so long.',
};
