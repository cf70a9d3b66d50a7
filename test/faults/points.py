# SPDX-License-Identifier: Apache-2.0
"""Where the power is cut, as data. (program, flow, failpoint[, failpoint…][, SAMPLE])

The failpoints of one row fire one after the other. "name@3" fires at the third time. Letters and numbers are those of
the list of power-cut points: T of the technician flow, U of the user flow. SAMPLE rows run with the ordinary tests, all
of them with tools/faults.
"""
SAMPLE = "sample"
TECHNICIAN, USER, IMPORT = "technician", "user", "import"

POINTS = [
    # --- the device
    ("agent", TECHNICIAN, "agent.started"),                                     # T1, T2
    ("agent", TECHNICIAN, "agent.profile"),                                     # T3
    ("agent", TECHNICIAN, "agent.menu"),                                        # T4
    ("agent", TECHNICIAN, "agent.provision"),
    ("agent", TECHNICIAN, "agent.begin"),
    ("agent", TECHNICIAN, "agent.begun"),
    ("agent", TECHNICIAN, "agent.attest"),
    ("agent", TECHNICIAN, "agent.nonce_received", SAMPLE),                      # T5
    ("agent", TECHNICIAN, "agent.credential_activated"),                        # T6
    ("agent", TECHNICIAN, "agent.attested"),
    ("agent", TECHNICIAN, "agent.enroll"),
    ("agent", TECHNICIAN, "agent.enroll_posted"),                               # T7, T9
    ("agent", TECHNICIAN, "agent.certificate_stored", SAMPLE),                  # T8
    ("agent", TECHNICIAN, "agent.enrolled"),
    ("agent", TECHNICIAN, "agent.manage"),                                      # T10
    ("agent", TECHNICIAN, "agent.manage@2"),
    ("agent", TECHNICIAN, "agent.manage@3"),
    ("agent", TECHNICIAN, "agent.odj_apply"),                                   # T13
    ("agent", TECHNICIAN, "agent.odj_written", SAMPLE),                         # T14
    ("agent", TECHNICIAN, "agent.odj_applied", SAMPLE),                         # T15
    ("agent", TECHNICIAN, "agent.odj_noted"),
    ("agent", TECHNICIAN, "agent.item_noted"),                                  # T16
    ("agent", TECHNICIAN, "agent.item_noted@8"),
    ("agent", TECHNICIAN, "agent.item_noted@10"),
    ("agent", TECHNICIAN, "agent.item_noted@12"),
    ("agent", TECHNICIAN, "agent.app_download"),
    ("agent", TECHNICIAN, "agent.downloading", SAMPLE),                         # T17
    ("agent", TECHNICIAN, "agent.app_install"),
    ("agent", TECHNICIAN, "package.preinst"),                                   # T18
    ("agent", TECHNICIAN, "package.postinst", SAMPLE),
    ("agent", TECHNICIAN, "agent.app_installed"),
    ("agent", TECHNICIAN, "agent.device_done"),                                 # T20
    ("agent", TECHNICIAN, "agent.technician_done"),
    ("agent", TECHNICIAN, "agent.reseal"),                                      # T21
    ("agent", TECHNICIAN, "agent.seal_acknowledged", SAMPLE),                   # T22
    ("agent", TECHNICIAN, "agent.resealed"),                                    # T23
    ("agent", TECHNICIAN, "agent.attested", "agent.enroll_posted", "agent.odj_written", "agent.odj_applied",
     "agent.app_installed", "agent.device_done"),                               # one after the other
    ("agent", USER, "agent.resume"),                                            # U1
    ("agent", USER, "agent.dc_check"),                                          # U3
    ("agent", USER, "agent.key_proven"),
    ("agent", USER, "agent.manage"),                                            # U5
    ("agent", USER, "agent.signed_in", SAMPLE),                                 # U2, U4
    ("agent", USER, "agent.register"),
    ("agent", USER, "agent.directory_answered", SAMPLE),
    ("agent", USER, "agent.registered"),
    ("agent", USER, "agent.manage@2"),                                          # U6
    ("agent", USER, "agent.manage@3"),
    ("agent", USER, "agent.user_done"),
    ("agent", USER, "agent.finish"),
    ("agent", USER, "agent.finished", SAMPLE),                                  # U7
    ("agent", USER, "agent.account_ready"),
    ("agent", USER, "agent.done"),                                              # U8

    # --- the service
    ("ferryd", IMPORT, "store.before_commit", SAMPLE),
    ("ferryd", IMPORT, "store.after_commit", SAMPLE),
    ("ferryd", TECHNICIAN, "ferryd.attestation_taken"),
    ("ferryd", TECHNICIAN, "ferryd.attestation_proven", SAMPLE),
    ("ferryd", TECHNICIAN, "ferryd.enroll_issued"),
    ("ferryd", TECHNICIAN, "ferryd.enroll_stored", SAMPLE),
    ("ferryd", TECHNICIAN, "ferryd.management_answer"),
    ("ferryd", TECHNICIAN, "ferryd.management_answer@2"),
    ("ferryd", TECHNICIAN, "ferryd.management_answer@3"),
    ("ferryd", TECHNICIAN, "ferryd.management_answer@4"),
    ("ferryd", TECHNICIAN, "ferryd.odj_before_queue"),
    ("ferryd", TECHNICIAN, "ferryd.odj_queued", SAMPLE),
    ("ferryd", TECHNICIAN, "ferryd.job_leased", SAMPLE),
    ("ferryd", TECHNICIAN, "ferryd.job_before_store"),
    ("ferryd", TECHNICIAN, "ferryd.job_after_store", SAMPLE),
    ("ferryd", TECHNICIAN, "ferryd.odj_before_delivered"),
    ("ferryd", TECHNICIAN, "ferryd.odj_delivered", SAMPLE),
    ("ferryd", TECHNICIAN, "ferryd.enroll_stored", "ferryd.odj_queued", "ferryd.job_leased", "ferryd.job_after_store",
     "ferryd.odj_before_delivered", "ferryd.odj_delivered"),
    *(("ferryd", TECHNICIAN, f"store.{when}_commit@{n}") for n in range(1, 21, 2) for when in ("before", "after")),
    ("ferryd", USER, "ferryd.management_answer"),
    ("ferryd", USER, "ferryd.management_answer@3"),
    ("ferryd", USER, "ferryd.directory_issued", SAMPLE),
    ("ferryd", USER, "ferryd.job_leased"),
    ("ferryd", USER, "ferryd.job_before_store"),
    ("ferryd", USER, "ferryd.job_after_store"),
    *(("ferryd", USER, f"store.{when}_commit@{n}") for n in range(1, 15, 2) for when in ("before", "after")),

    # --- the signer
    ("signer", TECHNICIAN, "signer.before_answer", SAMPLE),                     # the device token
    ("signer", TECHNICIAN, "signer.after_answer"),
    ("signer", TECHNICIAN, "signer.before_answer@2"),                           # the device's certificate
    ("signer", TECHNICIAN, "signer.after_answer@2"),
    ("signer", USER, "signer.before_answer"),                                   # the directory's certificate
    ("signer", USER, "signer.after_answer"),

    # --- the connector
    ("connector", TECHNICIAN, "connector.leased"),
    ("connector", TECHNICIAN, "connector.before_add"),
    ("connector", TECHNICIAN, "odj_account_add"),
    ("connector", TECHNICIAN, "odj_account_added", SAMPLE),                     # T11: account made, blob lost
    ("connector", TECHNICIAN, "connector.after_add"),
    ("connector", TECHNICIAN, "connector.before_upload", SAMPLE),
    ("connector", TECHNICIAN, "connector.after_upload"),                        # T12
    ("connector", TECHNICIAN, "odj_account_added", "odj_account_adopted"),
    ("connector", USER, "connector.leased"),
    ("connector", USER, "connector.before_upload"),
    ("connector", USER, "connector.after_upload"),
]


def rows(sample=False):
    """{program, flow, points}"""
    for row in POINTS:
        points = [p for p in row[2:] if p != SAMPLE]
        if not sample or SAMPLE in row:
            yield {"program": row[0], "flow": row[1], "points": points}
