package org.ferrisdb.node.cli.load;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How a demo ended.
 *
 * @param acknowledged writes acknowledged
 * @param failedCalls calls that failed (with an outcome: that is allowed)
 * @param findings of the check
 * @param killed the node that was killed; empty if none was, or more than one
 * @param when of what time the gap is, appended to "longest of one client"
 * @param firstWrite from the kill to the first acknowledgement of something sent after it
 * @param gap longest time that one client got no answer
 * @param resumed whether every client got answers again
 */
record DemoResult(
    long acknowledged,
    long failedCalls,
    WorkloadCheck.Findings findings,
    String killed,
    String when,
    Duration firstWrite,
    Duration gap,
    boolean resumed) {
  boolean passed() {
    return findings.clean() && resumed && acknowledged > 0;
  }

  /** The last lines of a demo. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    findings.examples().forEach(e -> lines.add("  wrong: " + e));
    line(lines, "writes acknowledged", Long.toString(acknowledged));
    line(lines, "lost", Long.toString(findings.lost()));
    line(lines, "applied twice", Long.toString(findings.twice()));
    line(lines, "wrong answers", Long.toString(findings.wrong() + findings.ghosts()));
    line(lines, "failed calls", Long.toString(failedCalls));
    line(lines, "gap", gap.toMillis() + " ms (longest of one client" + when + ")");
    lines.add(
        passed()
            ? "PASSED: every acknowledged write is there, once; service resumed for every client."
            : resumed
                ? "FAILED: the database broke its promise, see above."
                : "FAILED: service did not resume for every client.");
    return lines;
  }

  private static void line(List<String> lines, String name, String value) {
    lines.add(String.format(Locale.ROOT, "%-21s %s", name, value));
  }

  JsonObject json() {
    JsonObject json = new JsonObject();
    json.addProperty("passed", passed());
    json.addProperty("acknowledged", acknowledged);
    json.addProperty("lost", findings.lost());
    json.addProperty("appliedTwice", findings.twice());
    json.addProperty("ghosts", findings.ghosts());
    json.addProperty("wrongAnswers", findings.wrong());
    json.addProperty("failedCalls", failedCalls);
    json.addProperty("killed", killed);
    json.addProperty("firstWriteMillis", firstWrite.toMillis());
    json.addProperty("gapMillis", gap.toMillis());
    json.addProperty("resumed", resumed);
    JsonArray examples = new JsonArray();
    findings.examples().forEach(examples::add);
    json.add("examples", examples);
    return json;
  }
}
