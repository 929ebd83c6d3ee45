package io.seine.openflow;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Renders flows and groups as {@code ovs-ofctl dump-flows} and {@code dump-groups} print them. What
 * it yields for a flow or a group that Seine writes is accepted by {@code ovs-ofctl add-flow} and
 * {@code add-group}; an {@link Action.Unknown} and an {@link UnknownField} are shown as bytes.
 */
public final class OvsText {
  private static final int DEFAULT_PRIORITY = 0x8000;

  // The order of meta-flow.h, in which Open vSwitch lists what a group hashes.
  private static final List<Field> HASH_ORDER =
      List.of(
          Field.ETH_SRC,
          Field.ETH_DST,
          Field.ETH_TYPE,
          Field.VLAN_VID,
          Field.IPV4_SRC,
          Field.IPV4_DST,
          Field.IPV6_SRC,
          Field.IPV6_DST,
          Field.IP_PROTO,
          Field.TCP_SRC,
          Field.TCP_DST,
          Field.UDP_SRC,
          Field.UDP_DST,
          Field.SCTP_SRC,
          Field.SCTP_DST);

  private OvsText() {}

  /** The fields, separated by commas; empty for {@link Match#ANY}. */
  public static String of(Match match) {
    return MatchText.of(match);
  }

  public static String of(Action action) {
    return ActionText.of(action);
  }

  /** The actions, separated by commas; {@code drop} for none. */
  public static String of(List<Action> actions) {
    return actions.isEmpty() ? "drop" : ActionText.of(actions);
  }

  /** {@code table=1, priority=100,ip actions=output:1}. */
  public static String of(Flow flow) {
    return "table=%d, %s actions=%s"
        .formatted(flow.table(), priorityAndMatch(flow), of(flow.actions()));
  }

  /** The same with cookie, age and counters. */
  public static String of(InstalledFlow installed) {
    Flow flow = installed.flow();
    StringBuilder text = new StringBuilder();
    text.append(
        "cookie=%s, duration=%d.%03ds, table=%d, n_packets=%s, n_bytes=%s, "
            .formatted(
                FieldText.hex(installed.cookie()),
                installed.age().toSeconds(),
                installed.age().toMillisPart(),
                flow.table(),
                Long.toUnsignedString(installed.packets()),
                Long.toUnsignedString(installed.bytes())));
    if (installed.idleTimeout() != 0) {
      text.append("idle_timeout=%d, ".formatted(installed.idleTimeout()));
    }
    if (installed.hardTimeout() != 0) {
      text.append("hard_timeout=%d, ".formatted(installed.hardTimeout()));
    }
    return text.append(priorityAndMatch(flow))
        .append(" actions=")
        .append(of(flow.actions()))
        .toString();
  }

  private static String priorityAndMatch(Flow flow) {
    String match = of(flow.match());
    // Open vSwitch leaves the default priority out, but then there must be something else.
    if (flow.priority() == DEFAULT_PRIORITY && !match.isEmpty()) {
      return match;
    }
    return "priority=" + flow.priority() + (match.isEmpty() ? "" : "," + match);
  }

  /** {@code group_id=1,type=select,bucket=bucket_id:1,weight:100,actions=output:1}. */
  public static String of(Group group) {
    StringBuilder text = new StringBuilder();
    text.append("group_id=%s,type=%s".formatted(unsigned(group.id()), type(group.type())));
    group.selection().ifPresent(selection -> text.append(of(selection)));
    for (Group.Bucket bucket : group.buckets()) {
      text.append(',').append(of(bucket, group.type() == Group.Type.SELECT));
    }
    return text.toString();
  }

  /** {@code bucket=bucket_id:1,weight:100,actions=output:1}. */
  public static String of(Group.Bucket bucket) {
    return of(bucket, bucket.weight() != 0);
  }

  private static String of(Group.Bucket bucket, boolean weighted) {
    String weight = weighted && bucket.weight() != 1 ? ",weight:" + bucket.weight() : "";
    String other =
        bucket.otherProperties().size() == 0 ? "" : ",properties:" + bucket.otherProperties();
    return "bucket=bucket_id:%s%s%s,actions=%s"
        .formatted(unsigned(bucket.id()), weight, other, of(bucket.actions()));
  }

  private static String of(Group.Selection selection) {
    String param =
        selection.param() == 0
            ? ""
            : ",selection_method_param=" + Long.toUnsignedString(selection.param());
    String fields =
        selection.fields().stream()
            .sorted(Comparator.comparingInt(field -> HASH_ORDER.indexOf(field.field())))
            .map(OvsText::hashed)
            .collect(Collectors.joining(","));
    return ",selection_method=%s%s%s"
        .formatted(selection.method(), param, fields.isEmpty() ? "" : ",fields(" + fields + ")");
  }

  private static String hashed(FieldMatch field) {
    String name = FieldText.name(field.field());
    boolean whole = field.equals(Group.Selection.hashed(field.field()));
    return whole ? name : name + "=" + FieldText.value(field.field(), field.value());
  }

  private static String type(Group.Type type) {
    return switch (type) {
      case ALL -> "all";
      case SELECT -> "select";
      case INDIRECT -> "indirect";
      case FAST_FAILOVER -> "ff";
    };
  }

  /** One step of a bundle, in the words of {@code ovs-ofctl bundle}. */
  public static String of(Change change) {
    return switch (change) {
      case Change.AddFlow c ->
          "flow add cookie=%s, %s".formatted(FieldText.hex(c.cookie()), of(c.flow()));
      case Change.DeleteFlow c ->
          "flow delete_strict table=%d, %s"
              .formatted(
                  c.key().table(),
                  priorityAndMatch(
                      new Flow(c.key().table(), c.key().priority(), c.key().match(), List.of())));
      case Change.AddGroup c -> "group add " + of(c.group());
      case Change.ModifyGroup c -> "group modify " + of(c.group());
      case Change.DeleteGroup c -> "group delete group_id=" + unsigned(c.groupId());
      case Change.InsertBuckets c ->
          "group insert_bucket group_id=%s,command_bucket_id=last,%s"
              .formatted(
                  unsigned(c.groupId()),
                  c.buckets().stream().map(OvsText::of).collect(Collectors.joining(",")));
      case Change.RemoveBucket c ->
          "group remove_bucket group_id=%s,command_bucket_id=%s"
              .formatted(unsigned(c.groupId()), unsigned(c.bucketId()));
    };
  }

  private static String unsigned(int value) {
    return Integer.toUnsignedString(value);
  }
}
