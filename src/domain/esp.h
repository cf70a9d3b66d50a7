// SPDX-License-Identifier: Apache-2.0
// The Enrollment Status Page's phases and rows, and what makes a phase complete (behaviour
// section 8.2).
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum esp_phase { ESP_DEVICE_PREPARATION, ESP_DEVICE_SETUP, ESP_ACCOUNT_SETUP, ESP_PHASES };

enum esp_row {
	ESP_SECURING,		  // X20: TPM attestation
	ESP_JOINING,		  // X21: directory or domain join
	ESP_REGISTERING,	  // X22: management enrolment
	ESP_PREPARING,		  // X23: first management session
	ESP_POLICIES,		  // X24
	ESP_CERTIFICATES,	  // X25
	ESP_NETWORKS,		  // X26
	ESP_APPS,		  // X27
	ESP_ACCOUNT_JOINING,	  // X28: the hybrid object's registration
	ESP_ACCOUNT_POLICIES,	  // X29
	ESP_ACCOUNT_CERTIFICATES, // X29
	ESP_ACCOUNT_NETWORKS,	  // X29
	ESP_ACCOUNT_APPS,	  // X32
	ESP_ROWS
};

enum esp_state { ESP_IDENTIFYING, ESP_WAITING, ESP_WORKING, ESP_COMPLETE, ESP_ERROR, ESP_STATES };

struct esp_row_info {
	enum esp_phase phase;
	const char *key;   // "securing": in events and JSON
	const char *title; // "Securing your hardware"
};

const char *esp_phase_key(enum esp_phase phase);   // "devicePreparation"
const char *esp_phase_title(enum esp_phase phase); // "Device preparation"
const struct esp_row_info *esp_row_info(enum esp_row row);
const char *esp_state_name(enum esp_state state); // "working"

// By key; ESP_ROWS when there is none.
enum esp_row esp_row_by_key(const char *key);

// The row that counts items of that kind ("policy", "certificate", "network", "app") in that scope
// ("device", "user"); ESP_ROWS for an unknown kind.
enum esp_row esp_row_of_item(const char *kind, const char *scope);
