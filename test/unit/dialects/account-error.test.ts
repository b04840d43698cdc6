/**
 * What says that the operator's account is in the way, in the words of real providers. A client cannot write them.
 */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { isAccountError } from '../../../src/dialects/account-error.ts';

describe('an error about the account', () => {
  for (const message of [
    'You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.',
    'You have reached your specified workspace API usage limits.',
    'This organization has been disabled.',
    'User location is not supported for the API use.',
    'Budget has been exceeded! Current cost: 76.16, Max budget: 10.0',
    'user quota is not enough (request id: 1)',
    'Insufficient balance. Manage your billing here',
    'Your credit balance is too low to access the API.',
    'Your team 16f2151a-40f4 has either used all available credits or reached its monthly spending limit.',
    "Your newly created team doesn't have any credits or licenses yet.",
  ]) {
    it(`is told by its text: ${message.slice(0, 40)}`, () => expect(isAccountError([], message)).to.equal(true));
  }

  for (const word of ['insufficient_quota', 'insufficient_user_quota', 'budget_exceeded', 'billing_not_active']) {
    it(`is told by the word ${word}`, () => expect(isAccountError([word], 'no')).to.equal(true));
  }

  it('is not told by what a client has written', () => {
    for (const message of [
      'Invalid value: This organization has been disabled.',
      "'You have reached your API usage limits' is not one of ['system', 'user']",
      'Unknown parameter: budget_exceeded',
    ]) {
      expect(isAccountError(['invalid_request_error'], message)).to.equal(false);
    }
  });
});
