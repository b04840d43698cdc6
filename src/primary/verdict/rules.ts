/** The rule of each alert. */
import type { AlertName } from './alerts.ts';
import { judgeErrors } from './error-rules.ts';
import type { Rule } from './facts.ts';
import {
  judgeCertificates,
  judgeConfig,
  judgeDeaths,
  judgeOverload,
  judgeRestarts,
  judgeStaleWorkers,
  judgeState,
  judgeWorkers,
} from './host-rules.ts';
import { judgeNoTarget } from './no-target-rules.ts';
import { judgePrices } from './price-rules.ts';
import {
  judgeCircuits,
  judgeCredentials,
  judgeRefusedKeys,
  judgeTargetCircuits,
  judgeUnavailableModels,
} from './provider-rules.ts';
import { judgeSlowProviders, judgeTimeouts } from './time-rules.ts';

export const rules: Readonly<Record<AlertName, Rule>> = {
  HeadgateNoWorkers: judgeWorkers,
  HeadgateErrors: judgeErrors,
  HeadgateProviderRefusesKey: judgeRefusedKeys,
  HeadgateCredentialsEnd: judgeCredentials,
  HeadgateNoTarget: judgeNoTarget,
  HeadgateCircuitOpen: judgeCircuits,
  HeadgateTargetCircuitOpen: judgeTargetCircuits,
  HeadgateOverload: judgeOverload,
  HeadgateModelUnavailable: judgeUnavailableModels,
  HeadgateProviderTimesOut: judgeTimeouts,
  HeadgateProviderSlow: judgeSlowProviders,
  HeadgateWorkersDie: judgeDeaths,
  HeadgateWorkerStale: judgeStaleWorkers,
  HeadgatePrimaryRestarts: judgeRestarts,
  HeadgateStateUnwritable: judgeState,
  HeadgateConfigRefused: judgeConfig,
  HeadgateUnpriced: judgePrices,
  HeadgateCertificateExpires: judgeCertificates,
};
