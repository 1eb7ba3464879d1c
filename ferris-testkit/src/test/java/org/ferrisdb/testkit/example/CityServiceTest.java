package org.ferrisdb.testkit.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ferrisdb.client.Bytes.utf8;

import java.util.Optional;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.testkit.EmbeddedFerris;
import org.ferrisdb.testkit.FerrisTest;
import org.junit.jupiter.api.Test;

/** The example of the documentation: how an application is tested with the test kit. */
@FerrisTest(nodes = 3)
class CityServiceTest {
  /** The application: counts people. */
  record CityService(Ferris ferris) {
    void add(String city, long people) {
      ferris.put(utf8("city/" + city), utf8(Long.toString(people)));
    }

    Optional<Long> people(String city) {
      return ferris.get(utf8("city/" + city)).map(e -> Long.parseLong(e.value().toUtf8()));
    }
  }

  @Test
  void remembersACity(Ferris ferris) {
    CityService cities = new CityService(ferris);

    cities.add("paris", 2_102_650);

    assertThat(cities.people("paris")).contains(2_102_650L);
    assertThat(cities.people("lyon")).isEmpty();
  }

  @Test
  void goesOnWhenANodeDies(Ferris ferris, EmbeddedFerris cluster) {
    CityService cities = new CityService(ferris);
    cities.add("lyon", 522_250);

    cluster.kill(cluster.leaderOf(utf8("city/lyon")));
    cities.add("paris", 2_102_650);

    assertThat(cities.people("lyon")).contains(522_250L);
    assertThat(cities.people("paris")).contains(2_102_650L);
  }
}
