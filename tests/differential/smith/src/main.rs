// Random modules, mutants of modules, and a second opinion on what is valid:
//
//   smith modules FIRST COUNT FOLDER   writes FOLDER/N.wasm for COUNT numbers N from FIRST on
//   smith mutants FIRST COUNT FILE...  prints COUNT mutants of the files, from number FIRST on
//   smith judge                        reads modules, prints "valid" or "OFFSET MESSAGE" for each
//
// A number makes the same module each time. Where modules are printed or read, each has its length
// before it, in four bytes, the lowest first.
use std::env;
use std::error::Error;
use std::fs;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;
use std::process::exit;

use arbitrary::Unstructured;
use wasm_smith::{Config, Module};
use wasmparser::{Validator, WasmFeatures};

type Outcome = Result<(), Box<dyn Error>>;

/// Numbers that follow from a seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { (self.next() % end as u64) as usize }
    }
    fn one_in(&mut self, n: u64) -> bool {
        self.next() % n == 0
    }
}

/// WebAssembly 3.0: what Waxwing runs without being asked.
fn standard() -> WasmFeatures {
    use WasmFeatures as F;
    F::MUTABLE_GLOBAL | F::SATURATING_FLOAT_TO_INT | F::SIGN_EXTENSION | F::REFERENCE_TYPES
        | F::MULTI_VALUE | F::BULK_MEMORY | F::SIMD | F::RELAXED_SIMD | F::TAIL_CALL | F::FLOATS
        | F::MULTI_MEMORY | F::EXCEPTIONS | F::MEMORY64 | F::EXTENDED_CONST
        | F::FUNCTION_REFERENCES | F::GC | F::GC_TYPES
}

/// All of 3.0 that has one outcome only; each feature is also missing from some modules.
fn config(dice: &mut Dice) -> Config {
    let mut config = Config::default();
    let on = |dice: &mut Dice| !dice.one_in(4);
    config.gc_enabled = on(dice);
    config.exceptions_enabled = on(dice);
    config.simd_enabled = on(dice);
    config.memory64_enabled = on(dice);
    config.tail_call_enabled = on(dice);
    config.extended_const_enabled = on(dice);
    config.relaxed_simd_enabled = false;
    config.threads_enabled = false;
    config.wide_arithmetic_enabled = false;
    config.compact_imports_enabled = false;
    config.canonicalize_nans = true;
    config.disallow_traps = dice.one_in(3);
    config.export_everything = true;
    config.allow_start_export = dice.one_in(4);
    config.max_imports = 0;
    config.max_memories = 1 + dice.below(3);
    config.max_memory32_bytes = 4 << 16;
    config.max_memory64_bytes = 4 << 16;
    config.max_tables = dice.below(4);
    config.max_table_elements = 100;
    config.max_instructions = 20 + dice.below(600);
    config.max_funcs = 3 + dice.below(20);
    config.min_funcs = 3;
    config.min_types = 4;
    config.max_types = 5 + dice.below(20);
    config.max_globals = 10;
    config.max_tags = 5;
    config.max_element_segments = 5;
    config.max_data_segments = 5;
    config.max_type_size = 50;
    config.max_values = 4;
    config
}

/// None if the random bytes made no module.
fn attempt(dice: &mut Dice) -> Option<Vec<u8>> {
    let config = config(dice);
    let length = 4_000 + dice.below(60_000);
    let bytes: Vec<u8> = (0..length).map(|_| dice.next() as u8).collect();
    let mut module = Module::new(config, &mut Unstructured::new(&bytes)).ok()?;
    module.ensure_termination(500).ok()?;
    Some(module.to_bytes())
}

/// Half of all random modules have no function type, and so no functions: of no use here.
fn module(number: u64) -> Option<Vec<u8>> {
    let mut dice = Dice(number);
    (0..20).find_map(|_| {
        attempt(&mut dice).filter(|bytes| take_apart(bytes).is_some_and(|it| it.bodies.len() > 2))
    })
}

fn write_modules(first: u64, count: u64, folder: &str) -> Outcome {
    for number in first..first + count {
        if let Some(bytes) = module(number) {
            fs::write(Path::new(folder).join(format!("{number}.wasm")), bytes)?;
        }
    }
    Ok(())
}

// ---- Mutants ----------------------------------------------------------------------------------

fn read_number(bytes: &[u8], at: &mut usize) -> Option<usize> {
    let (mut value, mut shift) = (0usize, 0);
    loop {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value |= ((byte & 0x7F) as usize) << shift;
        if byte < 0x80 {
            return Some(value);
        }
        shift += 7;
        if shift > 28 {
            return None;
        }
    }
}

fn write_number(mut value: usize, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// The parts of `bytes` that have their sizes before them.
fn sized_parts(bytes: &[u8], at: &mut usize, count: usize) -> Option<Vec<Vec<u8>>> {
    let mut parts = Vec::new();
    for _ in 0..count {
        let size = read_number(bytes, at)?;
        parts.push(bytes.get(*at..at.checked_add(size)?)?.to_vec());
        *at += size;
    }
    Some(parts)
}

/// A module taken apart so far that sizes follow from what is in it.
#[derive(Clone)]
struct Parts {
    sections: Vec<(u8, Vec<u8>)>, // but the one of code, which is empty here
    bodies: Vec<Vec<u8>>,
}

const CODE: u8 = 10;

fn take_apart(bytes: &[u8]) -> Option<Parts> {
    let mut parts = Parts { sections: Vec::new(), bodies: Vec::new() };
    let mut at = 8;
    while at < bytes.len() {
        let id = bytes[at];
        at += 1;
        let section = sized_parts(bytes, &mut at, 1)?.remove(0);
        if id == CODE {
            let mut inside = 0;
            let count = read_number(&section, &mut inside)?;
            parts.bodies = sized_parts(&section, &mut inside, count)?;
            parts.sections.push((id, Vec::new()));
        } else if id != 0 {
            parts.sections.push((id, section));
        }
    }
    Some(parts)
}

fn put_together(parts: &Parts) -> Vec<u8> {
    let mut out = b"\0asm\x01\0\0\0".to_vec();
    for (id, section) in &parts.sections {
        let mut code = Vec::new();
        if *id == CODE {
            write_number(parts.bodies.len(), &mut code);
            for body in &parts.bodies {
                write_number(body.len(), &mut code);
                code.extend(body);
            }
        }
        let content = if *id == CODE { &code } else { section };
        out.push(*id);
        write_number(content.len(), &mut out);
        out.extend(content);
    }
    out
}

fn mutate_bytes(bytes: &mut Vec<u8>, other: &[u8], dice: &mut Dice) {
    let at = dice.below(bytes.len());
    let length = (1 + dice.below(6)).min(bytes.len() - at);
    match dice.below(6) {
        0 | 1 if !bytes.is_empty() => bytes[at] = dice.next() as u8,
        2 if !bytes.is_empty() => bytes[at] ^= 1 << dice.below(8),
        3 => drop(bytes.drain(at..at + length)),
        4 => bytes.insert(at, dice.next() as u8),
        _ => {
            let from = dice.below(other.len());
            let to = (from + 1 + dice.below(8)).min(other.len());
            bytes.splice(at..at + if dice.one_in(2) { length } else { 0 }, other[from..to].to_vec());
        }
    }
}

fn mutate(seeds: &[Parts], dice: &mut Dice) -> Vec<u8> {
    let mut parts = seeds[dice.below(seeds.len())].clone();
    let other = &seeds[dice.below(seeds.len())];
    for _ in 0..1 + dice.below(3) {
        if !parts.bodies.is_empty() && !dice.one_in(3) {
            let body = dice.below(parts.bodies.len());
            let donor = if other.bodies.is_empty() { &[][..] }
                        else { &other.bodies[dice.below(other.bodies.len())] };
            mutate_bytes(&mut parts.bodies[body], donor, dice);
        } else if !parts.sections.is_empty() {
            let section = dice.below(parts.sections.len());
            let id = parts.sections[section].0;
            let donor = other.sections.iter().find(|each| each.0 == id);
            let donor = donor.map_or(&[][..], |each| &each.1);
            if id != CODE {
                mutate_bytes(&mut parts.sections[section].1, donor, dice);
            }
        }
    }
    put_together(&parts)
}

fn print_mutants(first: u64, count: u64, files: &[String]) -> Outcome {
    let mut seeds = Vec::new();
    for file in files {
        seeds.extend(take_apart(&fs::read(file)?));
    }
    if seeds.is_empty() {
        return Err("no modules to make mutants of".into());
    }
    let mut out = BufWriter::new(io::stdout().lock());
    for number in first..first + count {
        let mutant = mutate(&seeds, &mut Dice(number));
        out.write_all(&(mutant.len() as u32).to_le_bytes())?;
        out.write_all(&mutant)?;
    }
    Ok(out.flush()?)
}

// ---- Judging ----------------------------------------------------------------------------------

fn judge() -> Outcome {
    let mut input = Vec::new();
    io::stdin().lock().read_to_end(&mut input)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut rest = &input[..];
    while rest.len() >= 4 {
        let (head, tail) = rest.split_at(4);
        let length = u32::from_le_bytes(head.try_into()?) as usize;
        if tail.len() < length {
            return Err("the last module is cut off".into());
        }
        match Validator::new_with_features(standard()).validate_all(&tail[..length]) {
            Ok(_) => writeln!(out, "valid")?,
            Err(e) => writeln!(out, "{} {}", e.offset(), e.message().replace('\n', " "))?,
        }
        rest = &tail[length..];
    }
    Ok(out.flush()?)
}

fn run(arguments: &[String]) -> Outcome {
    match arguments {
        [what, first, count, folder] if what == "modules" => {
            write_modules(first.parse()?, count.parse()?, folder)
        }
        [what, first, count, files @ ..] if what == "mutants" => {
            print_mutants(first.parse()?, count.parse()?, files)
        }
        [what] if what == "judge" => judge(),
        _ => Err("usage: smith modules FIRST COUNT FOLDER | mutants FIRST COUNT FILE... | judge".into()),
    }
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let Err(error) = run(&arguments) {
        eprintln!("smith: {error}");
        exit(2);
    }
}
