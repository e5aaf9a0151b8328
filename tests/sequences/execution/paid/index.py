"""Which test holds which case of the list of faults: providers (P), brokers and workers (B), money (M), webhooks (W),
and the few others that need the paid provider. A name is `module::test`, a proof `module::name`.

Where what we decided differs from what the list expects, `OTHERWISE` says so; the tests hold what we decided.
"""

from __future__ import annotations

HERE = "tests.sequences.execution.paid"
SUBMIT, FOLLOW, DOWNLOADS = f"{HERE}.test_submit", f"{HERE}.test_follow", f"{HERE}.test_downloads"
HOOKS, WORKERS, SECRETS = f"{HERE}.test_webhooks", f"{HERE}.test_workers", f"{HERE}.test_secrets"
BUDGET, MONEY = "tests.sequences.orchestration.test_budget", f"{HERE}.test_money"
KILLS, CROWDS = f"{HERE}.kills", f"{HERE}.crowds"
REDIS, PAID_REDIS, DATABASE = "tests.faults.on_redis", "tests.faults.on_redis_paid", "tests.faults.on_database"

CASES: dict[str, tuple[str, ...]] = {
    "P1": (f"{SUBMIT}::test_a_reset_after_acceptance_is_bound_by_its_webhook",),
    "P2": (f"{SUBMIT}::test_an_answer_that_comes_too_late_is_found_in_the_list", f"{KILLS}::frozen_before_the_post"),
    "P3": (
        f"{SUBMIT}::test_an_answer_that_is_no_answer_is_never_asked_again",
        f"{SUBMIT}::test_nobody_sends_a_lost_submit_again_for_a_whole_day",
    ),
    "P4": (
        f"{SUBMIT}::test_what_cannot_be_reached_is_tried_eight_times_and_then_given_up",
        f"{SUBMIT}::test_what_cannot_be_reached_for_a_while_is_sent_when_it_can",
    ),
    "P5": (f"{SUBMIT}::test_a_refusal_ends_the_call_with_its_words_and_costs_nothing",),
    "P6": (
        f"{SUBMIT}::test_a_refused_key_shuts_the_account_for_everybody",
        f"{SUBMIT}::test_a_locked_account_rests_and_one_call_tries_for_all",
    ),
    "P7": (f"{SUBMIT}::test_too_many_requests_wait_as_long_as_they_are_told",),
    "P8": (f"{SUBMIT}::test_an_answer_that_is_no_answer_is_never_asked_again",),
    "P9": (f"{FOLLOW}::test_completed_with_an_error_is_a_failure_with_its_words",),
    "P10": (
        f"{FOLLOW}::test_a_call_the_provider_does_not_know_for_ten_minutes_is_waited_for",
        f"{FOLLOW}::test_a_call_it_never_knows_again_is_unsure_and_not_failed",
    ),
    "P11": (
        f"{FOLLOW}::test_a_call_that_never_ends_is_shown_and_never_cancelled_by_itself",
        f"{FOLLOW}::test_an_overdue_call_that_ends_is_done",
    ),
    "P12": (
        f"{FOLLOW}::test_a_result_that_is_gone_is_read_from_the_list",
        f"{FOLLOW}::test_a_result_nobody_keeps_is_charged_and_said_to_be_lost",
    ),
    "P13": (
        f"{DOWNLOADS}::test_a_download_that_goes_wrong_twice_is_repeated_and_not_paid_again",
        f"{DOWNLOADS}::test_a_result_that_cannot_be_fetched_for_days_is_told_to_a_person",
        f"{DOWNLOADS}::test_after_seven_days_a_result_nobody_could_fetch_is_lost_and_stays_paid",
        f"{DOWNLOADS}::test_a_file_that_is_gone_is_lost_at_once",
        f"{DOWNLOADS}::test_a_picture_that_is_none_is_tried_five_times",
        f"{DOWNLOADS}::test_a_body_without_end_is_cut_at_the_limit",
    ),
    "P14": (
        f"{DOWNLOADS}::test_nothing_is_fetched_from_elsewhere",
        f"{DOWNLOADS}::test_an_address_that_is_allowed_by_then_is_fetched",
    ),
    "P15": (
        f"{FOLLOW}::test_nothing_is_said_to_be_absent_before_it_must_have_shown",
        f"{FOLLOW}::test_a_trusted_list_says_after_the_horizon_that_it_never_arrived",
        f"{FOLLOW}::test_it_is_found_among_many_pages_of_the_list",
        f"{FOLLOW}::test_the_same_words_with_another_seed_are_another_call",
        f"{FOLLOW}::test_the_very_same_input_waits_until_the_first_is_found",
    ),
    "P16": (
        f"{FOLLOW}::test_cancelled_in_line_or_at_work_is_cancelled_when_the_provider_says_so",
        f"{FOLLOW}::test_cancelled_too_late_it_is_made_kept_and_paid",
        f"{FOLLOW}::test_cancelled_when_it_had_ended_already",
    ),
    "P17": (
        f"{FOLLOW}::test_a_missing_output_is_said_and_charged",
        f"{FOLLOW}::test_of_a_take_with_two_calls_each_output_is_stored_once",
    ),
    "P18": (
        f"{SUBMIT}::test_without_a_price_nothing_is_asked_for",
        f"{SUBMIT}::test_a_price_that_rose_since_it_was_shown_is_refused_and_one_that_rises_later_is_not_ours",
    ),
    "B1": (f"{KILLS}::submit_killed", f"{KILLS}::submit_killed_in_the_post"),
    "B2": (f"{KILLS}::collect_killed",),
    "B3": (f"{KILLS}::frozen_before_the_check",),
    "B4": (f"{KILLS}::frozen_before_the_post",),
    "B5": (f"{WORKERS}::test_a_lost_message_is_made_up_for_within_thirty_seconds",),
    "B6": (f"{CROWDS}::bells_at_once",),
    "B7": (f"{CROWDS}::bells_at_once",),
    "B8": (f"{PAID_REDIS}::ended", f"{REDIS}::away"),
    "B9": (f"{PAID_REDIS}::silent",),
    "B10": (f"{PAID_REDIS}::flushed",),
    "B11": (f"{PAID_REDIS}::full",),
    "B12": (f"{PAID_REDIS}::absent", f"{WORKERS}::test_without_any_broker_the_command_alone_finishes_everything"),
    "B13": (f"{PAID_REDIS}::deployed",),
    "B14": (f"{KILLS}::deadly_result",),
    "B15": (f"{CROWDS}::sweeps_at_once",),
    "B16": (f"{WORKERS}::test_a_poisoned_row_holds_up_nobody",),
    "M1": (f"{DATABASE}::cap", f"{DATABASE}::day_cap"),
    "M2": (f"{BUDGET}::test_caps_run_out_in_either_order_and_leave_nothing_half_held", f"{DATABASE}::two_caps"),
    "M3": (f"{BUDGET}::test_a_cap_lowered_to_what_is_promised_lets_it_finish",),
    "M4": (f"{BUDGET}::test_a_replayed_settlement_changes_nothing", f"{DATABASE}::settling"),
    "M5": (
        f"{MONEY}::test_what_was_billed_is_what_counts",
        f"{MONEY}::test_a_bill_above_the_cap_is_counted_as_overrun",
        f"{MONEY}::test_a_bill_nobody_told_counts_as_what_was_held",
    ),
    "M6": (f"{BUDGET}::test_one_wrong_counter_is_named_and_freezes_the_project",),
    "W1": (
        f"{HOOKS}::test_what_is_not_signed_as_it_came_changes_nothing",
        f"{HOOKS}::test_a_signed_body_that_names_no_request_changes_nothing",
    ),
    "W2": (f"{HOOKS}::test_a_webhook_about_another_account_is_turned_away",),
    "W3": (
        f"{HOOKS}::test_a_webhook_of_another_time_is_turned_away",
        f"{HOOKS}::test_a_replay_within_the_window_is_harmless",
    ),
    "W4": (f"{CROWDS}::webhooks_at_once", f"{HOOKS}::test_a_replay_within_the_window_is_harmless"),
    "W5": (
        f"{HOOKS}::test_a_webhook_before_the_reply_to_the_submit",
        f"{HOOKS}::test_a_webhook_before_a_reply_that_is_lost_binds_by_its_token",
    ),
    "W6": (
        f"{HOOKS}::test_ok_then_error_the_provider_itself_is_asked",
        f"{HOOKS}::test_a_webhook_for_a_call_said_to_have_never_arrived_brings_its_result",
    ),
    "W7": (
        f"{HOOKS}::test_without_keys_webhooks_wait_and_looks_go_on",
        f"{HOOKS}::test_keys_that_cannot_be_read_leave_the_last_good_ones",
        f"{HOOKS}::test_rotated_keys_are_fetched_once_a_minute_and_no_more",
        f"{HOOKS}::test_webhooks_that_are_lost_leave_no_job_behind",
    ),
    "W8": (f"{HOOKS}::test_a_flood_of_unknown_tokens_leaves_the_database_as_it_is",),
    "W9": (
        f"{HOOKS}::test_an_address_in_the_payload_is_ignored",
        f"{HOOKS}::test_a_webhook_that_names_another_request_binds_nothing",
    ),
    "U1": (f"{CROWDS}::clicks_of_two_browsers",),
    "U8": (f"{CROWDS}::cancels_against_ends",),
    "A10": (f"{SECRETS}::test_nobody_is_told_a_secret",),
}

OTHERWISE = {
    "P11": "An overdue call is shown to a person; it is not cancelled by itself.",
    "P12": "A result nobody keeps ends as failed and charged (`gone`).",
    "P14": "A result at a blocked address stays ready, is tried seldom for seven days, and needs a person.",
    "P17": "Every model is asked for one file a call, so two outputs of one call do not occur.",
    "B16": "What was never sent is given up after eight tries; what was paid for is shown to a person.",
    "M5": "A bill above the hold is settled as billed, and what passes a cap is counted as overrun.",
}
