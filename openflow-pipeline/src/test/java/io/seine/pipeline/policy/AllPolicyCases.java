package io.seine.pipeline.policy;

import static io.seine.pipeline.ServiceFact.Protocol.SCTP;
import static io.seine.pipeline.ServiceFact.Protocol.TCP;
import static io.seine.pipeline.ServiceFact.Protocol.UDP;
import static io.seine.pipeline.policy.PolicyCases.A;
import static io.seine.pipeline.policy.PolicyCases.B;
import static io.seine.pipeline.policy.PolicyCases.C;
import static io.seine.pipeline.policy.PolicyCases.allow;
import static io.seine.pipeline.policy.PolicyCases.blockWithout;
import static io.seine.pipeline.policy.PolicyCases.blocks;
import static io.seine.pipeline.policy.PolicyCases.clusterPolicy;
import static io.seine.pipeline.policy.PolicyCases.egress;
import static io.seine.pipeline.policy.PolicyCases.ingress;
import static io.seine.pipeline.policy.PolicyCases.networkPolicy;
import static io.seine.pipeline.policy.PolicyCases.part;
import static io.seine.pipeline.policy.PolicyCases.ports;
import static io.seine.pipeline.policy.PolicyCases.prefixes;
import static io.seine.pipeline.policy.PolicyCases.ranked;
import static io.seine.pipeline.policy.PolicyCases.sets;
import static io.seine.pipeline.policy.PolicyCases.with;

import io.seine.openflow.IpPrefix;
import io.seine.pipeline.policy.PolicyCases.Case;
import java.util.List;
import java.util.Set;

/** The cases themselves: see {@link PolicyCases} for the words they are written in. */
final class AllPolicyCases {
  private AllPolicyCases() {}

  static List<Case> all() {
    return List.of(
        peersAndPorts(),
        severalOnOnePod(),
        allowAll(),
        denyAll(),
        bothEnds(),
        blocksWithExceptions(),
        plainBlocks(),
        portRanges(),
        namedPort(),
        adminTier(),
        samePriority(),
        passed(),
        baseline(),
        isolation(),
        dryRun(),
        dryRunOfTiers(),
        logged(),
        bothFamilies(),
        fragments());
  }

  private static Case fragments() {
    PolicyRef guard = clusterPolicy("guard");
    PolicyRef policy = networkPolicy("syslog");
    return new PolicyCases(
            "fragments",
            "in pieces, whose ports cannot be seen, nothing passes that may be for a denied port or"
                + " that needs an allowed one")
        .rule(
            on(
                ranked(egress(guard, 0), Tier.ADMIN, 10, Verdict.DENY, Set.of(A), Peers.ANYONE),
                ports(PortRange.of(UDP, 53))))
        .rule(allow(ingress(policy, 0), Set.of(B), Peers.ANYONE, ports(PortRange.of(UDP, 514))))
        .rule(allow(ingress(policy, 1), Set.of(B), sets("store"), Ports.ANY))
        .isolate(Direction.INGRESS, policy, B)
        .set("store", "c")
        .probe("a > far udp/53", "Deny clusternetworkpolicy/guard egress rule 0: dropped")
        .probe("a > far udp/54", "arrives")
        .probe("a > far udp/later", "Deny clusternetworkpolicy/guard egress rule 0: dropped")
        .probe("a > far udp/first", "Deny clusternetworkpolicy/guard egress rule 0: dropped")
        .probe("a6 > far6 udp/later", "Deny clusternetworkpolicy/guard egress rule 0: dropped")
        .probe("a > far tcp/later", "arrives")
        .probe("far > b udp/514", "Accept networkpolicy/web/syslog ingress rule 0: arrives")
        .probe("far > b udp/first", "Deny networkpolicy/web/syslog ingress default: dropped")
        .probe("c > b udp/first", "Accept networkpolicy/web/syslog ingress rule 1: arrives")
        .end();
  }

  private static PolicyRule on(PolicyRule rule, Ports ports) {
    return part(rule, rule.part(), rule.subjects(), ports);
  }

  private static Case peersAndPorts() {
    PolicyRef policy = networkPolicy("backend");
    return new PolicyCases(
            "peers-and-ports", "a takes TCP connections to port 80 from pods labelled client")
        .rule(allow(ingress(policy, 0), Set.of(A), sets("client"), ports(PortRange.of(TCP, 80))))
        .isolate(Direction.INGRESS, policy, A)
        .set("client", "b", "far")
        .probe("b > a tcp/80", "Accept networkpolicy/web/backend ingress rule 0: arrives")
        .probe("far > a tcp/80", "Accept networkpolicy/web/backend ingress rule 0: arrives")
        .probe("far > a tcp/81", "Deny networkpolicy/web/backend ingress default: dropped")
        .probe("far > a udp/80", "Deny networkpolicy/web/backend ingress default: dropped")
        .probe("c > a tcp/80", "Deny networkpolicy/web/backend ingress default: dropped")
        .probe("a > b tcp/80", "arrives")
        .probe("far > b tcp/80", "arrives")
        .end();
  }

  private static Case severalOnOnePod() {
    PolicyRef one = networkPolicy("one");
    PolicyRef two = networkPolicy("two");
    return new PolicyCases(
            "several-on-one-pod",
            "two policies select a, and far is a peer of both: its address has one flow all the"
                + " same, and port 80 of both rules is one flow")
        .rule(allow(ingress(one, 0), Set.of(A), sets("client"), ports(PortRange.of(TCP, 80))))
        .rule(
            allow(
                ingress(two, 0),
                Set.of(A, B),
                sets("monitor"),
                ports(PortRange.of(TCP, 80), PortRange.of(TCP, 9090))))
        .isolate(Direction.INGRESS, one, A)
        .isolate(Direction.INGRESS, two, B)
        .set("client", "c", "far")
        .set("monitor", "far")
        .probe("c > a tcp/80", "Accept networkpolicy/web/one ingress rule 0: arrives")
        .probe("c > a tcp/9090", "Deny networkpolicy/web/one ingress default: dropped")
        .probe("far > a tcp/9090", "Accept networkpolicy/web/two ingress rule 0: arrives")
        .probe("c > b tcp/80", "Deny networkpolicy/web/two ingress default: dropped")
        .probe("far > b tcp/80", "Accept networkpolicy/web/two ingress rule 0: arrives")
        .end();
  }

  private static Case allowAll() {
    PolicyRef policy = networkPolicy("open");
    return new PolicyCases(
            "allow-all", "an empty rule: a takes anything from anyone, in either family")
        .rule(allow(ingress(policy, 0), Set.of(A), Peers.ANYONE, Ports.ANY))
        .isolate(Direction.INGRESS, policy, A)
        .probe("far > a tcp/80", "Accept networkpolicy/web/open ingress rule 0: arrives")
        .probe("far6 > a6 udp/53", "Accept networkpolicy/web/open ingress rule 0: arrives")
        .probe("far > a icmp", "Accept networkpolicy/web/open ingress rule 0: arrives")
        .end();
  }

  private static Case denyAll() {
    PolicyRef policy = networkPolicy("closed");
    return new PolicyCases(
            "deny-all",
            "no rule at all: a takes and sends nothing, but for itself and its own node")
        .isolate(Direction.INGRESS, policy, A)
        .isolate(Direction.EGRESS, policy, A)
        .probe("far > a tcp/80", "Deny networkpolicy/web/closed ingress default: dropped")
        .probe("a > far tcp/80", "Deny networkpolicy/web/closed egress default: dropped")
        .probe("a > b tcp/80", "Deny networkpolicy/web/closed egress default: dropped")
        .probe("b > a icmp", "Deny networkpolicy/web/closed ingress default: dropped")
        .probe("a > node tcp/10250", "arrives")
        .probe("node > a tcp/80", "arrives")
        .end();
  }

  private static Case bothEnds() {
    PolicyRef from = networkPolicy("from-b");
    PolicyRef to = networkPolicy("to-a");
    return new PolicyCases(
            "both-ends", "what b may send and what a may receive are asked both, on one node")
        .rule(allow(egress(from, 0), Set.of(B), sets("servers"), Ports.ANY))
        .rule(allow(ingress(to, 0), Set.of(A), Peers.ANYONE, ports(PortRange.of(TCP, 443))))
        .isolate(Direction.EGRESS, from, B)
        .isolate(Direction.INGRESS, to, A)
        .set("servers", "a")
        .probe(
            "b > a tcp/443",
            "Accept networkpolicy/web/from-b egress rule 0,"
                + " Accept networkpolicy/web/to-a ingress rule 0: arrives")
        .probe(
            "b > a tcp/80",
            "Accept networkpolicy/web/from-b egress rule 0,"
                + " Deny networkpolicy/web/to-a ingress default: dropped")
        .probe("b > c tcp/443", "Deny networkpolicy/web/from-b egress default: dropped")
        .end();
  }

  private static Case blocksWithExceptions() {
    PolicyRef inner = networkPolicy("inner");
    PolicyRef outer = networkPolicy("outer");
    return new PolicyCases(
            "blocks-with-exceptions",
            "two blocks with exceptions, one within the other: each address belongs to one region")
        .rule(
            allow(
                egress(outer, 0),
                Set.of(A),
                blockWithout("198.51.0.0/16", "198.51.100.0/24"),
                Ports.ANY))
        .rule(
            allow(
                egress(inner, 0),
                Set.of(A),
                blockWithout("198.51.100.0/24", "198.51.100.7/32"),
                ports(PortRange.of(UDP, 53))))
        .isolate(Direction.EGRESS, inner, A)
        .probe("a > 198.51.1.1 tcp/80", "Accept networkpolicy/web/outer egress rule 0: arrives")
        .probe("a > 198.51.100.1 tcp/80", "Deny networkpolicy/web/inner egress default: dropped")
        .probe("a > 198.51.100.1 udp/53", "Accept networkpolicy/web/inner egress rule 0: arrives")
        .probe("a > 198.51.100.7 udp/53", "Deny networkpolicy/web/inner egress default: dropped")
        .end();
  }

  private static Case plainBlocks() {
    PolicyRef policy = networkPolicy("blocks");
    return new PolicyCases(
            "plain-blocks",
            "blocks without exceptions are clauses as they are; beside an address set and a block"
                + " with exceptions")
        .rule(
            allow(
                egress(policy, 0),
                Set.of(A),
                new Peers.Some(
                    Set.of("dns"),
                    prefixes("203.0.113.0/25", "2001:db8:1::/48"),
                    Set.of(
                        new Block(
                            IpPrefix.parse("198.51.100.0/24"), prefixes("198.51.100.128/25")))),
                Ports.ANY))
        .isolate(Direction.EGRESS, policy, A)
        .set("dns", "far", "far6")
        .probe("a > 203.0.113.9 tcp/80", "Accept networkpolicy/web/blocks egress rule 0: arrives")
        .probe("a > 198.51.100.9 tcp/1", "Accept networkpolicy/web/blocks egress rule 0: arrives")
        .probe("a > far udp/53", "Accept networkpolicy/web/blocks egress rule 0: arrives")
        .probe("a6 > far6 udp/53", "Accept networkpolicy/web/blocks egress rule 0: arrives")
        .probe(
            "a6 > 2001:db8:1::7 tcp/80", "Accept networkpolicy/web/blocks egress rule 0: arrives")
        .probe("a > 203.0.113.129 tcp/80", "Deny networkpolicy/web/blocks egress default: dropped")
        .probe("a > 198.51.100.129 tcp/1", "Deny networkpolicy/web/blocks egress default: dropped")
        .end();
  }

  private static Case portRanges() {
    PolicyRef policy = networkPolicy("ports");
    return new PolicyCases(
            "port-ranges",
            "ranges become the fewest masks; two that overlap become one; any port of SCTP")
        .rule(
            allow(
                ingress(policy, 0),
                Set.of(A),
                Peers.ANYONE,
                ports(
                    new PortRange(TCP, 8000, 8090),
                    new PortRange(TCP, 8080, 8100),
                    PortRange.all(SCTP))))
        .isolate(Direction.INGRESS, policy, A)
        .probe("far > a tcp/8000", "Accept networkpolicy/web/ports ingress rule 0: arrives")
        .probe("far > a tcp/8100", "Accept networkpolicy/web/ports ingress rule 0: arrives")
        .probe("far6 > a6 tcp/8085", "Accept networkpolicy/web/ports ingress rule 0: arrives")
        .probe("far > a sctp/7", "Accept networkpolicy/web/ports ingress rule 0: arrives")
        .probe("far > a tcp/7999", "Deny networkpolicy/web/ports ingress default: dropped")
        .probe("far > a tcp/8101", "Deny networkpolicy/web/ports ingress default: dropped")
        .probe("far > a icmp", "Deny networkpolicy/web/ports ingress default: dropped")
        .end();
  }

  private static Case namedPort() {
    PolicyRef policy = networkPolicy("named");
    PolicyRule rule =
        allow(ingress(policy, 0), Set.of(A), sets("client"), ports(PortRange.of(TCP, 8080)));
    return new PolicyCases(
            "named-port", "port http is 8080 of a and 8081 of b: one rule, two conjunctions")
        .rule(part(rule, 1, Set.of(A), ports(PortRange.of(TCP, 8080))))
        .rule(part(rule, 2, Set.of(B), ports(PortRange.of(TCP, 8081))))
        .isolate(Direction.INGRESS, policy, A, B)
        .set("client", "far")
        .probe("far > a tcp/8080", "Accept networkpolicy/web/named ingress rule 0: arrives")
        .probe("far > b tcp/8081", "Accept networkpolicy/web/named ingress rule 0: arrives")
        .probe("far > b tcp/8080", "Deny networkpolicy/web/named ingress default: dropped")
        .end();
  }

  private static Case adminTier() {
    PolicyRef guard = clusterPolicy("guard");
    PolicyRef later = clusterPolicy("later");
    PolicyRef closed = networkPolicy("closed");
    return new PolicyCases(
            "admin-tier",
            "the first rule that matches decides, by priority and then as the rules are written;"
                + " no NetworkPolicy changes that")
        .rule(ranked(ingress(guard, 0), Tier.ADMIN, 10, Verdict.ACCEPT, Set.of(A), sets("monitor")))
        .rule(
            ranked(
                ingress(guard, 1), Tier.ADMIN, 10, Verdict.DENY, Set.of(A), blocks("10.0.2.0/24")))
        .rule(ranked(ingress(later, 0), Tier.ADMIN, 20, Verdict.ACCEPT, Set.of(A), Peers.ANYONE))
        .isolate(Direction.INGRESS, closed, A)
        .set("monitor", "far")
        .probe("far > a tcp/1", "Accept clusternetworkpolicy/guard ingress rule 0: arrives")
        .probe("10.0.2.7 > a tcp/1", "Deny clusternetworkpolicy/guard ingress rule 1: dropped")
        .probe("b > a tcp/1", "Accept clusternetworkpolicy/later ingress rule 0: arrives")
        .end();
  }

  private static Case samePriority() {
    PolicyRef one = clusterPolicy("one");
    PolicyRef two = clusterPolicy("two");
    return new PolicyCases(
            "same-priority", "of two policies of one priority the first by name is asked first")
        .rule(ranked(egress(two, 0), Tier.ADMIN, 0, Verdict.DENY, Set.of(A), Peers.ANYONE))
        .rule(ranked(egress(one, 0), Tier.ADMIN, 0, Verdict.ACCEPT, Set.of(A), sets("dns")))
        .set("dns", "far")
        .probe("a > far udp/53", "Accept clusternetworkpolicy/one egress rule 0: arrives")
        .probe("a > b udp/53", "Deny clusternetworkpolicy/two egress rule 0: dropped")
        .end();
  }

  private static Case passed() {
    PolicyRef guard = clusterPolicy("guard");
    PolicyRef last = clusterPolicy("last");
    PolicyRef policy = networkPolicy("backend");
    return new PolicyCases(
            "pass", "Pass skips the rest of the tier: of Admin, to what NetworkPolicies say")
        .rule(ranked(ingress(guard, 0), Tier.ADMIN, 10, Verdict.PASS, Set.of(A, B), sets("tenant")))
        .rule(ranked(ingress(guard, 1), Tier.ADMIN, 10, Verdict.DENY, Set.of(A, B), Peers.ANYONE))
        .rule(allow(ingress(policy, 0), Set.of(A), Peers.ANYONE, ports(PortRange.of(TCP, 80))))
        .rule(
            ranked(
                ingress(last, 0), Tier.BASELINE, 0, Verdict.PASS, Set.of(B), blocks("10.0.2.9/32")))
        .rule(ranked(ingress(last, 1), Tier.BASELINE, 0, Verdict.DENY, Set.of(B), Peers.ANYONE))
        .isolate(Direction.INGRESS, policy, A)
        .set("tenant", "far", "c")
        .probe(
            "far > a tcp/80",
            "Pass clusternetworkpolicy/guard ingress rule 0,"
                + " Accept networkpolicy/web/backend ingress rule 0: arrives")
        .probe(
            "far > a tcp/81",
            "Pass clusternetworkpolicy/guard ingress rule 0,"
                + " Deny networkpolicy/web/backend ingress default: dropped")
        .probe("b > a tcp/80", "Deny clusternetworkpolicy/guard ingress rule 1: dropped")
        .probe(
            "far > b tcp/80",
            "Pass clusternetworkpolicy/guard ingress rule 0,"
                + " Pass clusternetworkpolicy/last ingress rule 0: arrives")
        .probe(
            "c > b tcp/80",
            "Pass clusternetworkpolicy/guard ingress rule 0,"
                + " Deny clusternetworkpolicy/last ingress rule 1: dropped")
        .end();
  }

  private static Case baseline() {
    PolicyRef base = clusterPolicy("base");
    PolicyRef policy = networkPolicy("backend");
    return new PolicyCases(
            "baseline", "what the Baseline tier denies is what no NetworkPolicy is about")
        .rule(ranked(ingress(base, 0), Tier.BASELINE, 5, Verdict.DENY, Set.of(A, B), sets("shop")))
        .rule(allow(ingress(policy, 0), Set.of(A), sets("shop"), Ports.ANY))
        .isolate(Direction.INGRESS, policy, A)
        .set("shop", "c")
        .probe("c > a tcp/1", "Accept networkpolicy/web/backend ingress rule 0: arrives")
        .probe("c > b tcp/1", "Deny clusternetworkpolicy/base ingress rule 0: dropped")
        .probe("far > b tcp/1", "arrives")
        .end();
  }

  private static Case isolation() {
    PolicyRef web = new PolicyRef(PolicyRef.Kind.ISOLATION, "", "web");
    PolicyRef shop = new PolicyRef(PolicyRef.Kind.ISOLATION, "", "shop");
    PolicyRef base = clusterPolicy("base");
    return new PolicyCases(
            "isolation",
            "namespaces web and shop are isolated: after every other policy, the same two"
                + " priorities for all namespaces")
        .rule(
            ranked(
                ingress(web, 0),
                Tier.BASELINE,
                Rank.ISOLATION,
                Verdict.ACCEPT,
                Set.of(A, B),
                sets("web")))
        .rule(
            ranked(
                ingress(web, 1),
                Tier.BASELINE,
                Rank.ISOLATION,
                Verdict.DENY,
                Set.of(A, B),
                Peers.ANYONE))
        .rule(
            ranked(
                ingress(shop, 0),
                Tier.BASELINE,
                Rank.ISOLATION,
                Verdict.ACCEPT,
                Set.of(C),
                sets("shop")))
        .rule(
            ranked(
                ingress(shop, 1),
                Tier.BASELINE,
                Rank.ISOLATION,
                Verdict.DENY,
                Set.of(C),
                Peers.ANYONE))
        .rule(
            ranked(
                ingress(base, 0),
                Tier.BASELINE,
                1000,
                Verdict.ACCEPT,
                Set.of(A, B, C),
                sets("monitor")))
        .set("web", "a", "b")
        .set("shop", "c")
        .set("monitor", "far")
        .probe("b > a tcp/1", "Accept isolation/web ingress rule 0: arrives")
        .probe("c > a tcp/1", "Deny isolation/web ingress rule 1: dropped")
        .probe("a > c tcp/1", "Deny isolation/shop ingress rule 1: dropped")
        .probe("far > c tcp/1", "Accept clusternetworkpolicy/base ingress rule 0: arrives")
        .probe("198.51.100.1 > c tcp/1", "Deny isolation/shop ingress rule 1: dropped")
        .probe("c > 198.51.100.1 tcp/1", "arrives")
        .end();
  }

  private static Case dryRun() {
    PolicyRef tried = networkPolicy("tried");
    PolicyRef enforced = networkPolicy("enforced");
    PolicyRule rule =
        allow(ingress(tried, 0), Set.of(A, B), sets("client"), ports(PortRange.of(TCP, 80)));
    return new PolicyCases(
            "dry-run",
            "a policy that is only tried counts what it would deny at a; at b another one is"
                + " enforced, and it has nothing to add")
        .rule(with(rule, true, true))
        .rule(allow(ingress(enforced, 0), Set.of(B), sets("monitor"), Ports.ANY))
        .isolate(Direction.INGRESS, tried, true, true, A)
        .isolate(Direction.INGRESS, enforced, B)
        .set("client", "far")
        .set("monitor", "c")
        .probe("far > a tcp/80", "try Accept networkpolicy/web/tried ingress rule 0: arrives")
        .probe("far > a tcp/81", "try Deny networkpolicy/web/tried ingress default: arrives")
        .probe("far > b tcp/80", "Deny networkpolicy/web/enforced ingress default: dropped")
        .probe("c > b tcp/80", "Accept networkpolicy/web/enforced ingress rule 0: arrives")
        .end();
  }

  private static Case dryRunOfTiers() {
    PolicyRef tried = clusterPolicy("tried");
    PolicyRef enforced = clusterPolicy("enforced");
    PolicyRef base = clusterPolicy("base");
    return new PolicyCases(
            "dry-run-of-tiers",
            "rules that are only tried, before and behind one that is enforced: the first of them"
                + " counts, and the packet goes on as if it were not there")
        .rule(
            with(
                ranked(ingress(tried, 0), Tier.ADMIN, 1, Verdict.PASS, Set.of(A), sets("tenant")),
                true,
                false))
        .rule(
            with(
                ranked(ingress(tried, 1), Tier.ADMIN, 1, Verdict.DENY, Set.of(A), Peers.ANYONE),
                true,
                false))
        .rule(ranked(ingress(enforced, 0), Tier.ADMIN, 2, Verdict.DENY, Set.of(A), sets("enemy")))
        .rule(
            with(
                ranked(ingress(base, 0), Tier.BASELINE, 2, Verdict.DENY, Set.of(A), Peers.ANYONE),
                true,
                false))
        .set("tenant", "far")
        .set("enemy", "c")
        .probe(
            "far > a tcp/1",
            "try Pass clusternetworkpolicy/tried ingress rule 0,"
                + " try Deny clusternetworkpolicy/base ingress rule 0: arrives")
        .probe("b > a tcp/1", "try Deny clusternetworkpolicy/tried ingress rule 1: arrives")
        .probe(
            "c > a tcp/1",
            "try Deny clusternetworkpolicy/tried ingress rule 1,"
                + " Deny clusternetworkpolicy/enforced ingress rule 0: dropped")
        .end();
  }

  private static Case logged() {
    PolicyRef policy = networkPolicy("logged");
    return new PolicyCases(
            "logged", "the agent is told of each connection that the policy decides, by meter 2")
        .rule(with(allow(ingress(policy, 0), Set.of(A), sets("client"), Ports.ANY), false, true))
        .isolate(Direction.INGRESS, policy, false, true, A)
        .set("client", "far")
        .probe("far > a tcp/1", "Accept networkpolicy/web/logged ingress rule 0: arrives")
        .probe("b > a tcp/1", "Deny networkpolicy/web/logged ingress default: dropped")
        .end();
  }

  private static Case bothFamilies() {
    PolicyRef policy = networkPolicy("both");
    return new PolicyCases(
            "both-families", "members and blocks of either family; ports count in both")
        .rule(
            allow(
                egress(policy, 0),
                Set.of(A),
                new Peers.Some(
                    Set.of("peers"),
                    Set.of(),
                    Set.of(
                        new Block(IpPrefix.parse("2001:db8::/32"), prefixes("2001:db8:1::/48")))),
                ports(PortRange.of(TCP, 443))))
        .isolate(Direction.EGRESS, policy, A)
        .set("peers", "far", "far6")
        .probe("a > far tcp/443", "Accept networkpolicy/web/both egress rule 0: arrives")
        .probe("a6 > far6 tcp/443", "Accept networkpolicy/web/both egress rule 0: arrives")
        .probe("a6 > 2001:db8::1 tcp/443", "Accept networkpolicy/web/both egress rule 0: arrives")
        .probe("a6 > 2001:db8:1::1 tcp/443", "Deny networkpolicy/web/both egress default: dropped")
        .probe("a6 > far6 tcp/80", "Deny networkpolicy/web/both egress default: dropped")
        .end();
  }
}
