use super::*;

fn blocks(all: &[&str]) -> Vec<Block> {
    all.iter().map(|one| one.parse().expect("a block")).collect()
}

#[test]
fn protocols_have_names_and_numbers() {
    for (text, protocol) in
        [("tcp", Protocol::TCP), ("17", Protocol::UDP), ("any", Protocol::Any), ("50", Protocol::Number(50))]
    {
        assert_eq!(text.parse(), Ok(protocol));
    }
    for text in ["tpc", "256", "-1", ""] {
        assert!(text.parse::<Protocol>().is_err(), "{text}");
    }
    assert_eq!(Protocol::Number(6).to_string(), "tcp");
    assert_eq!(Protocol::Number(50).to_string(), "protocol 50");
}

#[test]
fn ports_are_one_or_a_range() {
    assert_eq!("443".parse(), Ok(PortRange::one(443)));
    assert_eq!("8000-8080".parse(), Ok(PortRange { first: 8000, last: 8080 }));
    for text in ["", "http", "65536", "-1", "80-", "9-8", "1-2-3"] {
        assert!(text.parse::<PortRange>().is_err(), "{text}");
    }
}

#[test]
fn blocks_end_where_their_prefix_does() {
    for text in ["10.0.0.0/8", "0.0.0.0/0", "192.0.2.7/32", "2001:db8::/32", "::/0"] {
        assert_eq!(text.parse::<Block>().map(|block| block.to_string()), Ok(text.to_owned()));
    }
    assert_eq!("192.0.2.7".parse(), "192.0.2.7/32".parse::<Block>());
    for (text, help) in [
        ("10.1.2.3/8", "the block is 10.0.0.0/8"),
        ("2001:db8::1/32", "the block is 2001:db8::/32"),
        ("10.0.0.0/33", "no block"),
        ("10.0.0/8", "no block"),
        ("pl-1", "no block"),
        ("10.0.0.0/", "no block"),
    ] {
        let wrong = text.parse::<Block>().expect_err(text);
        assert!(wrong.contains(help), "{wrong}");
    }
}

#[test]
fn what_no_packet_can_be_is_told() {
    let v4 = blocks(&["10.0.0.0/8"]);
    let v6 = blocks(&["2001:db8::/32"]);
    let both = [&v4[..], &v6[..]].concat();
    let wrong = |protocol: &str, ports, sources: &[Block], destinations: &[Block]| {
        let protocol = protocol.parse().expect("a protocol");
        contradiction(protocol, ports, sources, destinations).map(|(part, _)| part)
    };
    assert_eq!(wrong("tcp", true, &v4, &both), None);
    assert_eq!(wrong("any", false, &[], &v6), None);
    assert_eq!(wrong("any", true, &[], &[]), Some(Part::Port));
    assert_eq!(wrong("icmp", true, &[], &[]), Some(Part::Port));
    assert_eq!(wrong("icmp", false, &both, &[]), Some(Part::Source));
    assert_eq!(wrong("icmpv6", false, &[], &v4), Some(Part::Destination));
    assert_eq!(wrong("tcp", true, &v4, &v6), Some(Part::Destination));
}

#[test]
fn ends_are_named_once_and_what_they_take_is_of_their_provider_or_the_cloud_below() {
    for (at, end) in ENDS.iter().enumerate() {
        assert!(ENDS[..at].iter().all(|other| other.kind.name() < end.kind.name()), "{}", end.kind);
        let own = end.kind.provider();
        let strange = |source: &&crate::model::call::Source| {
            own != crate::model::scope::Provider::Kubernetes
                && source.calls.iter().any(|call| call.provider() != own)
        };
        assert_eq!(end.reads().find(strange), None, "{}", end.kind);
    }
}
