package io.seine.sandbox.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.verdict.Effect;
import io.seine.agent.verdict.RuleName;
import io.seine.sandbox.replay.Ruling.Said;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** One who gets one thing of the API wrong: what policies say to it is not what they say. */
enum Mutant {
  EXCEPTS_ARE_IGNORED {
    @Override
    void change(ObjectNode policy) {
      remove(policy, "except");
    }
  },
  RANGES_END_WHERE_THEY_BEGIN {
    @Override
    void change(ObjectNode policy) {
      remove(policy, "endPort");
    }
  },
  NOT_IN_IS_IN {
    @Override
    void change(ObjectNode policy) {
      replace(policy, "operator", "NotIn", "In");
    }
  },
  PASS_IS_ACCEPT {
    @Override
    void change(ObjectNode policy) {
      replace(policy, "action", "Pass", "Accept");
    }
  },
  ALL_PROTOCOLS_ARE_TCP {
    @Override
    void change(ObjectNode policy) {
      replace(policy, "protocol", "UDP", "TCP");
    }
  },
  PRIORITIES_ARE_TURNED {
    @Override
    void change(ObjectNode policy) {
      JsonNode spec = policy.path("spec");
      if (spec.has("priority")) {
        ((ObjectNode) spec).put("priority", 1000 - spec.path("priority").asInt());
      }
    }
  },
  POLICY_TYPES_ARE_IGNORED {
    @Override
    void change(ObjectNode policy) {
      remove(policy, "policyTypes");
    }
  },
  A_NAMESPACE_SELECTOR_BESIDE_ONE_OF_PODS_IS_IGNORED {
    @Override
    void change(ObjectNode policy) {
      all(policy).stream()
          .filter(node -> node.has("podSelector"))
          .forEach(node -> node.remove("namespaceSelector"));
    }
  },
  WHAT_IS_TRIED_IS_IN_FORCE {
    @Override
    void change(ObjectNode policy) {
      remove(policy, "seine.io/dry-run");
    }
  },
  RULES_OF_A_CLUSTER_POLICY_ARE_READ_FROM_BELOW {
    @Override
    void change(ObjectNode policy) {
      for (String direction : List.of("ingress", "egress")) {
        if (policy.path("spec").path(direction) instanceof ArrayNode rules) {
          List<JsonNode> turned = new ArrayList<>();
          rules.forEach(turned::addFirst);
          rules.removeAll().addAll(turned);
        }
      }
    }
  },
  /** Only the rule is another one. */
  WHAT_NO_RULE_ALLOWS_IS_LAID_TO_THE_FIRST {
    @Override
    Finding says(Finding honest) {
      return rulings(honest, r -> with(r, renamed(r.inForce(), RuleName.DEFAULT, 0), r.tried()));
    }
  },
  /** Only that there was a rule. */
  WHAT_ISOLATION_ALLOWS_NOBODY_DECIDES {
    @Override
    Finding says(Finding honest) {
      return rulings(
          honest, r -> with(r, without(r.inForce(), Effect.ACCEPT, RuleName.ISOLATION), r.tried()));
    }
  },
  /** Only what would have been tried. */
  A_PASS_ON_TRIAL_IS_NOT_SEEN {
    @Override
    Finding says(Finding honest) {
      return rulings(
          honest,
          r -> with(r, r.inForce(), without(r.tried(), Effect.PASS, RuleName.CLUSTER_POLICY)));
    }
  },
  /** Only whether it would be denied: nobody's cell but that of a dry run. */
  WHAT_IS_TRIED_WOULD_ALLOW_ALL {
    @Override
    Finding says(Finding honest) {
      return honest.outcome() == Outcome.DRY
          ? new Finding(Outcome.ALLOWED, honest.rulings())
          : honest;
    }
  };

  /** What the policy is to it. */
  void change(ObjectNode policy) {
    // It is what it is.
  }

  /** What it says of a probe. */
  Finding says(Finding honest) {
    return honest;
  }

  static Finding rulings(Finding of, UnaryOperator<Ruling> change) {
    return new Finding(of.outcome(), of.rulings().map(all -> all.stream().map(change).toList()));
  }

  static Ruling with(Ruling of, List<Said> inForce, List<Said> tried) {
    return new Ruling(of.connection(), of.direction(), inForce, tried);
  }

  static List<Said> without(List<Said> all, Effect effect, String kind) {
    return all.stream()
        .filter(said ->
            said.effect() != effect || said.by().stream().noneMatch(r -> r.kind().equals(kind)))
        .toList();
  }

  static List<Said> renamed(List<Said> all, int index, int as) {
    return all.stream()
        .map(said ->
            new Said(
                said.effect(),
                said.by().stream()
                    .map(r ->
                        r.index() == index
                            ? new RuleName(r.kind(), r.namespace(), r.policy(), as, r.name())
                            : r)
                    .collect(Collectors.toSet())))
        .toList();
  }

  static void remove(ObjectNode policy, String key) {
    all(policy).forEach(node -> node.remove(key));
  }

  static void replace(ObjectNode policy, String key, String value, String by) {
    all(policy).stream()
        .filter(node -> node.path(key).asText().equals(value))
        .forEach(node -> node.put(key, by));
  }

  static List<ObjectNode> all(JsonNode tree) {
    List<ObjectNode> nodes = new ArrayList<>();
    if (tree instanceof ObjectNode object) {
      nodes.add(object);
    }
    tree.forEach(child -> nodes.addAll(all(child)));
    return nodes;
  }

  /** An executor that judges by the documents otherwise. */
  Executor executor() {
    EvaluatorExecutor honest = new EvaluatorExecutor();
    return new Executor() {
      @Override
      public void begin(Case next) {
        honest.begin(next);
      }

      @Override
      public boolean seesDryRuns() {
        return honest.seesDryRuns();
      }

      @Override
      public Map<Probe, Finding> perform(Step step) {
        Scene s = step.scene();
        Map<String, Manifest> policies = new LinkedHashMap<>();
        s.policies()
            .forEach((name, policy) ->
                policies.put(name, changed(policy.kind(), policy.key(), policy.body())));
        Scene other =
            new Scene(s.nodes(), s.namespaces(), s.pods(), s.services(), policies, s.domains());
        Map<Probe, Finding> findings = new HashMap<>();
        honest
            .perform(new Step(step.say(), List.of(), other, step.probes()))
            .forEach((probe, finding) -> findings.put(probe, says(finding)));
        return findings;
      }

      @Override
      public void close() {
        honest.close();
      }
    };
  }

  private Manifest changed(String kind, ObjectKey key, ObjectNode body) {
    ObjectNode copy = body.deepCopy();
    change(copy);
    return new Manifest(kind, key, copy);
  }

  /** The first made-up case by which it is found out, made small. */
  Optional<Case> foundOut(long seed, int cases) throws Exception {
    try (Executor wrong = executor()) {
      return new Comparison(wrong).firstFailure(seed, cases);
    }
  }
}
