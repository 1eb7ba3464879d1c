package org.ferrisdb.testkit.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The example of docs/testkit.md is the test that is compiled and run here. */
class DocumentedExampleTest {
  @Test
  void documentationShowsWhatIsCompiled() throws IOException {
    Path here = Path.of("").toAbsolutePath();
    Path root = Files.exists(here.resolve("docs")) ? here : here.resolve("..").normalize();
    String document = Files.readString(root.resolve("docs/testkit.md"));
    Matcher block =
        Pattern.compile("```java\n(@FerrisTest.*?)```", Pattern.DOTALL).matcher(document);
    assertThat(block.find()).as("an example in docs/testkit.md").isTrue();
    String source =
        Files.readString(
            root.resolve(
                "ferris-testkit/src/test/java/org/ferrisdb/testkit/example/CityServiceTest.java"));
    assertThat(source).endsWith(block.group(1));
  }
}
