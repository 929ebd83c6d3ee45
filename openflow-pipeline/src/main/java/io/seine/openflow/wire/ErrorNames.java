package io.seine.openflow.wire;

import java.util.Map;

/** What the codes of error messages are called (OpenFlow 1.5, section 7.5.4; Open vSwitch). */
final class ErrorNames {
  private static final int NICIRA = 0x2320;
  private static final int ONF = 0x4f4e4600;

  private static final String[][] STANDARD = {
    {"OFPHFC_INCOMPATIBLE", "OFPHFC_EPERM"},
    {
      "OFPBRC_BAD_VERSION",
      "OFPBRC_BAD_TYPE",
      "OFPBRC_BAD_MULTIPART",
      "OFPBRC_BAD_EXPERIMENTER",
      "OFPBRC_BAD_EXP_TYPE",
      "OFPBRC_EPERM",
      "OFPBRC_BAD_LEN",
      "OFPBRC_BUFFER_EMPTY",
      "OFPBRC_BUFFER_UNKNOWN",
      "OFPBRC_BAD_TABLE_ID",
      "OFPBRC_IS_SLAVE",
      "OFPBRC_BAD_PORT",
      "OFPBRC_BAD_PACKET",
      "OFPBRC_MULTIPART_BUFFER_OVERFLOW",
      "OFPBRC_MULTIPART_REQUEST_TIMEOUT",
      "OFPBRC_MULTIPART_REPLY_TIMEOUT",
      "OFPBRC_MULTIPART_BAD_SCHED",
      "OFPBRC_PIPELINE_FIELDS_ONLY",
      "OFPBRC_UNKNOWN"
    },
    {
      "OFPBAC_BAD_TYPE",
      "OFPBAC_BAD_LEN",
      "OFPBAC_BAD_EXPERIMENTER",
      "OFPBAC_BAD_EXP_TYPE",
      "OFPBAC_BAD_OUT_PORT",
      "OFPBAC_BAD_ARGUMENT",
      "OFPBAC_EPERM",
      "OFPBAC_TOO_MANY",
      "OFPBAC_BAD_QUEUE",
      "OFPBAC_BAD_OUT_GROUP",
      "OFPBAC_MATCH_INCONSISTENT",
      "OFPBAC_UNSUPPORTED_ORDER",
      "OFPBAC_BAD_TAG",
      "OFPBAC_BAD_SET_TYPE",
      "OFPBAC_BAD_SET_LEN",
      "OFPBAC_BAD_SET_ARGUMENT",
      "OFPBAC_BAD_SET_MASK",
      "OFPBAC_BAD_METER"
    },
    {
      "OFPBIC_UNKNOWN_INST",
      "OFPBIC_UNSUP_INST",
      "OFPBIC_BAD_TABLE_ID",
      "OFPBIC_UNSUP_METADATA",
      "OFPBIC_UNSUP_METADATA_MASK",
      "OFPBIC_BAD_EXPERIMENTER",
      "OFPBIC_BAD_EXP_TYPE",
      "OFPBIC_BAD_LEN",
      "OFPBIC_EPERM",
      "OFPBIC_DUP_INST"
    },
    {
      "OFPBMC_BAD_TYPE",
      "OFPBMC_BAD_LEN",
      "OFPBMC_BAD_TAG",
      "OFPBMC_BAD_DL_ADDR_MASK",
      "OFPBMC_BAD_NW_ADDR_MASK",
      "OFPBMC_BAD_WILDCARDS",
      "OFPBMC_BAD_FIELD",
      "OFPBMC_BAD_VALUE",
      "OFPBMC_BAD_MASK",
      "OFPBMC_BAD_PREREQ",
      "OFPBMC_DUP_FIELD",
      "OFPBMC_EPERM"
    },
    {
      "OFPFMFC_UNKNOWN",
      "OFPFMFC_TABLE_FULL",
      "OFPFMFC_BAD_TABLE_ID",
      "OFPFMFC_OVERLAP",
      "OFPFMFC_EPERM",
      "OFPFMFC_BAD_TIMEOUT",
      "OFPFMFC_BAD_COMMAND",
      "OFPFMFC_BAD_FLAGS",
      "OFPFMFC_CANT_SYNC",
      "OFPFMFC_BAD_PRIORITY",
      "OFPFMFC_IS_SYNC"
    },
    {
      "OFPGMFC_GROUP_EXISTS",
      "OFPGMFC_INVALID_GROUP",
      "OFPGMFC_WEIGHT_UNSUPPORTED",
      "OFPGMFC_OUT_OF_GROUPS",
      "OFPGMFC_OUT_OF_BUCKETS",
      "OFPGMFC_CHAINING_UNSUPPORTED",
      "OFPGMFC_WATCH_UNSUPPORTED",
      "OFPGMFC_LOOP",
      "OFPGMFC_UNKNOWN_GROUP",
      "OFPGMFC_CHAINED_GROUP",
      "OFPGMFC_BAD_TYPE",
      "OFPGMFC_BAD_COMMAND",
      "OFPGMFC_BAD_BUCKET",
      "OFPGMFC_BAD_WATCH",
      "OFPGMFC_EPERM",
      "OFPGMFC_UNKNOWN_BUCKET",
      "OFPGMFC_BUCKET_EXISTS"
    }
  };

  private static final int METER_MOD = 12;
  private static final int BUNDLE = 17;

  private static final String[] METER_MOD_FAILED = {
    "OFPMMFC_UNKNOWN",
    "OFPMMFC_METER_EXISTS",
    "OFPMMFC_INVALID_METER",
    "OFPMMFC_UNKNOWN_METER",
    "OFPMMFC_BAD_COMMAND",
    "OFPMMFC_BAD_FLAGS",
    "OFPMMFC_BAD_RATE",
    "OFPMMFC_BAD_BURST",
    "OFPMMFC_BAD_BAND",
    "OFPMMFC_BAD_BAND_VALUE",
    "OFPMMFC_OUT_OF_METERS",
    "OFPMMFC_OUT_OF_BANDS"
  };

  private static final String[] BUNDLE_FAILED = {
    "OFPBFC_UNKNOWN",
    "OFPBFC_EPERM",
    "OFPBFC_BAD_ID",
    "OFPBFC_BUNDLE_EXIST",
    "OFPBFC_BUNDLE_CLOSED",
    "OFPBFC_OUT_OF_BUNDLES",
    "OFPBFC_BAD_TYPE",
    "OFPBFC_BAD_FLAGS",
    "OFPBFC_MSG_BAD_LEN",
    "OFPBFC_MSG_BAD_XID",
    "OFPBFC_MSG_UNSUP",
    "OFPBFC_MSG_CONFLICT",
    "OFPBFC_MSG_TOO_MANY",
    "OFPBFC_MSG_FAILED",
    "OFPBFC_TIMEOUT",
    "OFPBFC_BUNDLE_IN_PROGRESS"
  };

  // The number that Open vSwitch gives its own errors since OpenFlow 1.2.
  private static final Map<Integer, String> OF_NICIRA =
      Map.of(
          2, "NXBRC_NXM_INVALID",
          3, "NXBRC_NXM_BAD_TYPE",
          4, "NXBRC_MUST_BE_ZERO",
          5, "NXBRC_BAD_REASON",
          11, "NXBAC_MUST_BE_ZERO",
          12, "NXFMFC_HARDWARE",
          13, "NXFMFC_BAD_TABLE_ID",
          15, "NXBAC_BAD_CONJUNCTION",
          42, "NXBAC_CT_DATAPATH_SUPPORT",
          43, "NXBMC_CT_DATAPATH_SUPPORT");

  private ErrorNames() {}

  static String name(int type, int code, int experimenter) {
    if (experimenter == NICIRA && OF_NICIRA.containsKey(code)) {
      return OF_NICIRA.getOrDefault(code, "");
    }
    if (experimenter != 0) {
      String vendor =
          switch (experimenter) {
            case NICIRA -> "Open vSwitch";
            case ONF -> "ONF";
            default -> "0x%08x".formatted(experimenter);
          };
      return "experimenter error %d of %s".formatted(code, vendor);
    }
    String[] names =
        switch (type) {
          case METER_MOD -> METER_MOD_FAILED;
          case BUNDLE -> BUNDLE_FAILED;
          default -> type < STANDARD.length ? STANDARD[type] : new String[0];
        };
    return code < names.length ? names[code] : "error type %d code %d".formatted(type, code);
  }
}
