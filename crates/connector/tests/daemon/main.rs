//! The daemon with real servers: PostgreSQL and RabbitMQ of its own, and stand-ins for the platform's HTTP services.
//!
//! What callers rely on, by the numbers that we have given it, and where it is tested. Modules without a path are those of
//! this test; `oru` and `documents` are this crate's other tests; `src` stands for unit tests beside the code; `hl7` for
//! those of the crate of that name.
//!
//! | | What | Tests |
//! |---|---|---|
//! | 1 | posting a message: 200; wrong type, no body, no `body`: 400 | `http_api::checks_come_in_their_order`, `receiving::a_message_is_acknowledged_stored_and_published_once` |
//! | 2 | PATCH: 204, 400, 404 | `http_api::a_patch_changes_one_field` |
//! | 3 | Swagger UI and the documents' types | `http_api::documents_and_what_watches_the_daemon` |
//! | 4 | the shipped OpenAPI document is the generated one | `documents::the_shipped_document_is_the_generated_one` |
//! | 5 | ORU requests that are refused | `outbound::unusable_answers_and_requests` |
//! | 6 | one ORU request sends once; none where the hospital does not want it | `outbound::an_observation_set_is_sent_once`, `outbound::nothing_is_sent_where_the_hospital_does_not_want_it` |
//! | 7 | CDA: 201, 400 | `outbound::a_document_is_forwarded_when_the_receiver_is_there` |
//! | 8 | truncated base64 | `receiving::hopeless_bodies_are_answered_and_nothing_breaks`, `src/lenient_base64.rs` |
//! | 9 | unknown transformer | `receiving::another_transformer_does_not_exist` |
//! | 10 | a duplicate: AR, both rows, not published | `receiving::a_message_is_acknowledged_stored_and_published_once` |
//! | 11 | what is published, to the letter | `src/receipt/tests.rs`: `what_is_published_to_the_letter`; over the broker as 10 |
//! | 12 | only the patient without an admission | `src/receipt/tests.rs`: `only_the_patient_without_an_admission` |
//! | 13 | previous places | `src/receipt/tests.rs`: `previous_places` |
//! | 14, 15 | A35, A34 | `src/receipt/tests.rs`: `merges` |
//! | 16 | cancellations | `src/receipt/tests.rs`: `what_the_trigger_says_about_the_visit` |
//! | 17 | sexes | `src/receipt/tests.rs`: `sexes` |
//! | 18, 19 | unwanted encounter type; a date of zeros | `receiving::what_is_refused_and_what_is_stored_of_it` |
//! | 20, 21 | stored identifiers; found by control id and by MRN | as 10 |
//! | 22 | PATCH on the stored row | as 2 |
//! | 23 | what validation rejects | as 18; `OUTPATIENT`: `src/receipt/tests.rs` |
//! | 24 | no known identifier where actions are built | `src/receipt/tests.rs`: `a_patient_needs_an_identifier_of_a_known_type` |
//! | 25 | line ends; a text without MSH | `hl7`, `receiver`: `every_line_end_and_framing`, `what_begins_with_msh_is_read_and_nothing_else_is` |
//! | 26 | segments, fields, components that are not there | `hl7`, `receiver`: `null_and_empty_are_kept_apart` |
//! | 27 | times | `hl7`, `src/loose_time.rs`; `receiving` for MSH-9, MSH-7 and PV1-44 of a message |
//! | 28 | identifiers by type | `hl7`, `receiver`: `identifiers_by_their_type` |
//! | 29 | the AR acknowledgement | `hl7`, `src/ack.rs`; `receiving::what_is_refused_and_what_is_stored_of_it` |
//! | 30 | the tree as nested lists | `hl7`, `receiver`: `the_tree_is_nested_lists` |
//! | 31 | times that are sent | `src/oru/values.rs`: `times_are_written_in_the_hospitals_zone` |
//! | 32 | all of NEWS2; masks; date of birth | `oru::all_observations_of_news2_in_their_order`, `oru::masks_with_and_without_percentage`, `outbound::an_observation_set_is_sent_once` |
//! | 33 | a sparse message, and one without observations | `oru::a_sparse_message_to_the_byte` |
//! | 34 | receiver from the configuration | as 33 |
//! | 35 | MEOWS | `oru::what_meows_leaves_out_leaves_no_gap` |
//! | 36 | what cannot be read | `oru::what_cannot_be_read_is_named`, `outbound::unusable_answers_and_requests` |
//! | 37 | the coma scale | `oru::the_coma_scale_with_its_parts` |
//! | 38 | refused values | `oru::refused_and_missing_values` |
//! | 39 | escaping | `hl7`, `src/writer.rs` |
//! | 40 | nurses' concerns | as 32 |
//! | 41 | sex of the patient | `outbound::an_observation_set_is_sent_once`, `oru::a_sparse_message_to_the_byte` |
//! | 42 | control id and type of the stored row | `outbound::an_observation_set_is_sent_once` |
//! | 43 | posting to the adapter: headers, answer stored as it came, log lines, failures | `outbound::a_receiver_that_is_not_there_gets_the_message_when_it_is_and_its_answer_is_stored_as_it_came`, `outbound::a_failed_delivery_is_kept_and_the_same_bytes_are_sent_until_they_arrive` |
//! | 44 | the token for the adapter and its scope | `outbound::the_scope_comes_from_redis_and_without_one_nothing_is_sent` |
//! | 45 | the hospital's configuration is asked for | `outbound::an_observation_set_is_sent_once`, `outbound::nothing_is_sent_where_the_hospital_does_not_want_it` |
//! | 46 | status and representation of a row | `src/store/messages.rs` |
//! | 47 | the call to the receiver of documents | `outbound::a_document_is_forwarded_when_the_receiver_is_there`, `src/soap.rs` |
//! | 48, 49 | the whole way of a message, and of a duplicate | as 10 |
//! | 50 | the whole way of observations | as 42 |
//! | 51 | the whole way of a document | as 47 |
//! | 52 | headers for the configuration | as 45 |
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod http_api;
mod messages;
mod mllp;
mod outages;
mod outbound;
mod receiving;
mod site;
mod stand_in;
mod waiting;
