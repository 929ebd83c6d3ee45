package io.seine.agent.policy;

import io.seine.agent.kube.PolicyOptions;

/** Reads the annotations of policies. */
final class Options {
  private Options() {}

  static boolean dryRun(PolicyOptions options, Complaints complaints) {
    return switch (options.dryRun()) {
      case "true" -> true;
      case "", "false" -> false;
      default -> {
        complaints.say(
            "InvalidAnnotation",
            "seine.io/dry-run is 'true' or 'false', not '%s'; the policy is in force"
                .formatted(options.dryRun()));
        yield false;
      }
    };
  }

  static Policy.Log log(PolicyOptions options, Complaints complaints) {
    return switch (options.log()) {
      case "" -> Policy.Log.NONE;
      case "denied" -> new Policy.Log(true, false);
      case "allowed" -> new Policy.Log(false, true);
      case "all" -> new Policy.Log(true, true);
      default -> {
        complaints.say(
            "InvalidAnnotation",
            "seine.io/log is 'denied', 'allowed' or 'all', not '%s'; nothing is logged"
                .formatted(options.log()));
        yield Policy.Log.NONE;
      }
    };
  }
}
